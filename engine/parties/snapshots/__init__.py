"""Official lists as dated snapshots: kept, compared, asked what they said on a day.

`taking.take` takes the files of a list and `fetching.fetch` gets them. `store.Snapshots` keeps them and gives a
`view.View` of one state. Of that, `speaking.histories` tells every entry and the days on which each of its wordings
counts, `speaking.stretches` who speaks when, `speaking.fingerprint` which state it is, `status.ages` how old each list
is, and `asking.listed_on` what it said of somebody. `statuses.Naming` has the norms' names for what is in list files.
"""
