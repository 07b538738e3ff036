"""Official lists as dated snapshots: kept, compared, asked what they said on a day."""
