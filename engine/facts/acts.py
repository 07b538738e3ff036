"""From one stated act to the Act that is decided on: links resolved, unfilled roles made open things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from carveout.engine.facts.blanks import is_blank, is_written, says_something
from carveout.engine.facts.identifiers import codes_in, kind_of, plain_label
from carveout.engine.facts.places import Place
from carveout.engine.facts.problems import Problem, StatementError
from carveout.engine.facts.things import Act, Authorisation, Stake, Thing
from carveout.engine.law.clocks import FOREVER, parse_instant
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.norms import Subject
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import TRUE
from carveout.engine.law.vocabulary import LINKS, Vocabulary


class ActReader:
    """Builds one Act; what the deal states beside it holds where the act is silent."""

    def __init__(
        self,
        rules: RuleSet,
        subjects: Mapping[str, Subject],
        kinds: frozenset[str],
        statement: Any,
        deal: Any = None,
        prefix: str = "",
    ) -> None:
        self.rules, self.subjects = rules, subjects
        self.vocabulary: Vocabulary = rules.vocabulary
        self.kinds = kinds
        self.prefix = prefix
        self.problems: list[Problem] = []
        self.names: dict[str, dict[str, Thing]] = {"party": {}, "asset": {}, "item": {}}
        self.bare: set[int] = set()
        """Things that are so far only named by another thing."""
        self.count = {"party": 0, "asset": 0, "item": 0}
        self.get: Callable[[str], Any] = lambda key: _own(statement, deal, key)
        self.act = self._act()
        if self.problems:
            raise StatementError(self.problems)

    def problem(self, field: str, message: str) -> None:
        self.problems.append(Problem(self.prefix + field, message))

    def _act(self) -> Act:
        at, zone = self.get("at"), self.get("zone")
        act = Act(parse_instant("1970-01-01T00:00Z"))
        if at is None:
            self.problem("at", "is missing: when does it happen (a time with its offset, or a date)?")
        else:
            try:
                act.at = parse_instant(at, zone)
            except ValueError as error:
                self.problem("at", str(error))
        act.moment = act.at.first
        activity = self.get("activity")
        if activity is None:
            self.problem("activity", "is missing: what is done?")
            return act
        asked_on = self.get("asked_on")
        act.asked_on = date.fromisoformat(asked_on) if asked_on else None
        act.none = frozenset(self.get("none"))
        act.facts["activity"] = activity
        if "actor" in act.none:
            self.problem("none", "somebody does the act: leave the party out if nobody is known")
        self._things(act)
        self._facts_into(act, self.get, "")
        self._open_lists(act, activity)
        self._inherit(act)
        self._open_roles(act, activity)
        act.grounds = frozenset(self.get("grounds"))
        act.authorisations = tuple(self._authorisation(act, i, a) for i, a in enumerate(self.get("authorisations")))
        everything: list[Any] = [act, *act.things]
        for thing in everything:
            thing.stated = dict(thing.facts)
        return act

    # ---- things

    def _things(self, act: Act) -> None:
        for kind, key in (("party", "parties"), ("asset", "assets"), ("item", "items")):
            entries = self.get(key)
            if entries is None:
                continue
            fresh = [self._register(act, kind, entry, f"{key}[{i}]") for i, entry in enumerate(entries)]
            for i, (thing, entry) in enumerate(zip(fresh, entries, strict=True)):
                if not isinstance(entry, str):
                    self._fill(act, thing, entry, f"{key}[{i}].")
            getattr(act, key).extend(fresh)
        # a party stated only so that others can name it as owner or controller has no part in the act
        behind = {id(o.holder) for t in act.things for o in t.owners or ()} | {
            id(c) for t in act.things for c in t.controllers or ()
        }
        act.parties = [p for p in act.parties if p.facts.get("role") or id(p) not in behind]
        for party in act.parties:
            if not party.facts.get("role"):
                party.facts.pop("role", None)

    def _register(self, act: Act, kind: str, entry: Any, field: str) -> Thing:
        id, name = (None, entry) if isinstance(entry, str) else (entry.id, entry.name)
        registration = None if isinstance(entry, str) else getattr(entry, "registration", None)
        number = self.count[kind]
        self.count[kind] += 1
        label = name or registration or (self._subject_name(entry) if not isinstance(entry, str) else None)
        thing = Thing(kind, number, id or label or f"{kind} {number + 1}", label or id or f"{kind} {number + 1}")
        for key in {id, name, registration} - {None, ""}:
            if key in self.names[kind]:
                self.problem(
                    field, f"`{str(key)[:80]}` names two things of this transaction: give each an `id` of its own"
                )
            self.names[kind][str(key)] = thing
        act.things.append(thing)
        if kind != "item" and not self._named(kind, entry):
            thing.nameless = True  # it is there, and its facts count, but nobody said who or what it is
            if kind == "party":
                thing.open, thing.label = True, self._role_title(entry)
        if kind == "asset" and isinstance(entry, str) and "asset.registration" in self.vocabulary.facts:
            thing.facts["registration"] = entry
            self._codes(thing, "registration", entry)
        return thing

    @staticmethod
    def _named(kind: str, entry: Any) -> bool:
        """Does the entry say who or what it is? `-` and `N/A` do not.

        A ship is called by its name; an aircraft, and what is not said to be something else, by its registration.
        What is written of a party is looked for in any script; whether that says who it is, is seen there.
        """
        says = is_written if kind == "party" else says_something
        if isinstance(entry, str):
            return says(entry)
        registered = kind == "asset" and getattr(entry, "kind", None) in (None, "aircraft")
        names = (None if registered else entry.name, getattr(entry, "registration", None), entry.subject)
        return any(text and says(text) for text in names) or bool(entry.identifiers)

    def _role_title(self, entry: Any) -> str:
        roles = [] if isinstance(entry, str) else entry.roles
        return self.vocabulary.word("role", roles[0]).title if roles else "a party of the act"

    def _subject_name(self, entry: Any) -> str | None:
        subject = self.subjects.get(getattr(entry, "subject", None) or "")
        return subject.name if subject else None

    def _codes(self, thing: Thing, name: str, raw: str) -> None:
        fact = self.vocabulary.facts[f"{thing.kind}.{name}"]
        kind = self.vocabulary.codes.get(fact.type)
        code = kind.read(raw) if kind else raw
        if code is None:
            thing.facts.pop(name, None)
            thing.unreadable[name] = raw
        else:
            thing.facts[name] = code

    def _many_codes(self, thing: Any, fact: Any, stated: Sequence[str]) -> None:
        """Several codes: one that cannot be read leaves open what the fact is."""
        read = [(raw, self.vocabulary.codes[fact.type].read(raw)) for raw in stated]
        if unread := [raw for raw, code in read if code is None]:
            thing.facts.pop(fact.name, None)
            thing.unreadable[fact.name] = ", ".join(unread)
        else:
            thing.facts[fact.name] = tuple(dict.fromkeys(code for _, code in read))

    def _fill(self, act: Act, thing: Thing, entry: Any, field: str) -> None:
        self._facts_into(thing, lambda key: getattr(entry, key), field, act)
        if thing.kind == "item":
            if entry.in_sets:
                thing.facts["in_sets"] = frozenset(entry.in_sets)
            if entry.not_in_sets:
                thing.facts["not_in_sets"] = frozenset(entry.not_in_sets)
            return
        thing.listed = tuple(sorted(set(entry.listed)))
        thing.not_subjects = tuple(sorted(set(entry.not_subject)))
        if entry.subject:
            thing.facts["subject"] = {entry.subject: TRUE}
        if entry.identifiers:
            self._identifiers(act, thing, entry.identifiers, f"{field}identifiers")
        if thing.kind == "party":
            for name in ("born", "address"):  # what tells one bearer of a name from another
                if (said := getattr(entry, name)) is not None:
                    thing.facts[name] = said
            meant = self.vocabulary.word("activity", act.facts["activity"]).roles
            thing.facts["role"] = tuple(dict.fromkeys(meant.get(role, role) for role in entry.roles))
            self._owners(act, thing, entry, field)

    def _identifiers(self, act: Act, thing: Thing, stated: Mapping[str, str], field: str) -> None:
        """Numbers by their kinds; one of an unknown kind keeps its label and is compared with all kinds."""
        read: dict[str, str] = {}
        for label, value in stated.items():
            kind = kind_of(label, self.kinds)
            if is_blank(value):
                self.problem(
                    f"{field}.{label[:80]}", f"`{value[:80]}` is no number: leave it out where it is not known"
                )
            elif kind is None and not codes_in(value):
                hint = did_you_mean(plain_label(label), self.kinds)
                self.problem(
                    f"{field}.{label[:80]}",
                    f"unknown kind of identifier, and too short to be compared without ({hint})",
                )
            elif read.get(kind or label, value) != value:
                self.problem(f"{field}.{label[:80]}", f"is another `{kind}` than is stated beside it: state one")
            else:
                read[kind or label] = value
                if kind is None:
                    note = "unknown kind: compared with the numbers of every kind"
                    self._read_as(act, f"{thing.kind}.identifiers", thing, f"{label}: {value}", note)
        thing.facts["identifiers"] = dict(sorted(read.items()))

    @staticmethod
    def _read_as(act: Act, fact: str, thing: Any, stated: str, read: str) -> None:
        note = {"fact": fact, "of": thing.name, "stated": stated, "read": read}
        if note not in act.read_as:
            act.read_as.append(note)

    def _owners(self, act: Act, thing: Thing, entry: Any, field: str) -> None:
        if entry.owners is not None:
            stakes = []
            for i, owner in enumerate(entry.owners):
                if owner.unknown and owner.party is not None:
                    self.problem(f"{field}owners[{i}]", "an unknown owner has no name: state `party` or `unknown`")
                if not owner.unknown and owner.party is None:
                    self.problem(f"{field}owners[{i}].party", "is missing: who holds the share (or `unknown: yes`)?")
                holder = (
                    None if owner.party is None else self._link(act, "party", owner.party, f"{field}owners[{i}].party")
                )
                since = date.fromisoformat(owner.since) if owner.since else None
                until = date.fromisoformat(owner.until) if owner.until else None
                if since and until and since >= until:
                    self.problem(f"{field}owners[{i}].until", f"{until} is not after `from` ({since})")
                stakes.append(Stake(holder, owner.percent, since, until, bool(owner.joint)))
            thing.owners = tuple(stakes)
            for day in {s.since for s in stakes}:  # shares only ever rise above the whole on a day on which one begins
                held = sum(s.percent for s in stakes if _holds(s, day))
                if held > 100:
                    self.problem(f"{field}owners", f"the shares come to {held} %, which is more than the whole")
        for i, controller in enumerate(entry.controlled_by or ()):
            if not self._named("party", controller):
                self.problem(f"{field}controlled_by[{i}]", "names nobody: who controls it?")
        if entry.controlled_by is not None:
            thing.controllers = tuple(
                self._link(act, "party", c, f"{field}controlled_by[{i}]") for i, c in enumerate(entry.controlled_by)
            )

    def _link(self, act: Act, kind: str, value: Any, field: str) -> Thing:
        if isinstance(value, str):
            found = self.names[kind].get(value)
            if found is not None:
                return found
            thing = self._register(act, kind, value, field)
            self.bare.add(id(thing))
            if kind == "party":
                thing.facts["role"] = ()
            return thing
        known = [self.names[kind][key] for key in (value.id, value.name) if key and key in self.names[kind]]
        if known and id(known[0]) in self.bare:  # named before, described here
            self.bare.discard(id(known[0]))
            self._fill(act, known[0], value, field + ".")
            return known[0]
        if known:
            self.problem(field, f"`{known[0].name[:80]}` is stated twice: refer to it by name")
            return known[0]
        thing = self._register(act, kind, value, field)
        self._fill(act, thing, value, field + ".")
        return thing

    # ---- facts

    def _facts_into(self, thing: Any, get: Any, field: str, act: Act | None = None) -> None:
        act = act or thing
        for fact in self.vocabulary.facts_of(thing.kind):
            if (fact.name in ("role", "subject", "status") and thing.kind != "act") or fact.path == "act.activity":
                continue
            value, also = get(fact.name), [n for n in fact.also if get(n) is not None]
            if len(also) + (value is not None) > 1:
                self.problem(field + also[0], f"is the same fact as `{fact.name}`: state it once")
            if value is None and also:
                value = get(also[0])
            if value is None:
                continue
            for each in value if fact.many else (value,):
                if isinstance(each, Place):
                    self._read_as(act, fact.path, thing, each.stated, str(each))
            if fact.type == "place":
                value = [str(each) for each in value] if fact.many else str(value)
            if fact.type in self.vocabulary.codes:
                if fact.many:
                    self._many_codes(thing, fact, value)
                else:
                    self._codes(thing, fact.name, value)
            elif fact.type in LINKS:
                if fact.many:
                    thing.facts[fact.name] = tuple(
                        self._link(act, LINKS[fact.type], v, f"{field}{fact.name}[{i}]") for i, v in enumerate(value)
                    )
                else:
                    thing.facts[fact.name] = self._link(act, LINKS[fact.type], value, field + fact.name)
            elif fact.type == "date":
                days = tuple(date.fromisoformat(each) for each in (value if fact.many else (value,)))
                thing.facts[fact.name] = days if fact.many else days[0]
            else:
                thing.facts[fact.name] = tuple(value) if fact.many else value

    def _inherit(self, act: Act) -> None:
        """Links stated for the act (end user, aircraft) hold for every item that does not state its own."""
        links = [fact for fact in self.vocabulary.facts_of("item") if fact.type in LINKS and not fact.many]
        shared: dict[str, Thing] = {}
        for fact in links:
            stated = self.get(fact.name)
            if stated is not None:
                shared[fact.name] = self._link(act, LINKS[fact.type], stated, fact.name)
            elif fact.role is not None:
                filling = [p for p in act.parties if fact.role in p.facts.get("role", ())]
                if len(filling) == 1:
                    shared[fact.name] = filling[0]
        for item in act.items:
            for name, thing in shared.items():
                item.facts.setdefault(name, thing)
        self._nothing(act)
        for fact in links:  # an end user has a part in the act, by whatever way it was stated
            if fact.role is not None:
                stated = [shared.get(fact.name), *(item.facts.get(fact.name) for item in act.items)]
                for party in filter(None, stated):
                    if fact.role not in party.facts.get("role", ()):
                        party.facts["role"] = (*party.facts.get("role", ()), fact.role)
        for thing in act.things:
            if thing.kind == "party" and thing.facts.get("role") and thing not in act.parties:
                act.parties.append(thing)

    def _nothing(self, act: Act) -> None:
        """Links said to lead nowhere: by `none`, or because the stated list of assets is empty."""
        for item in act.items:
            for fact in self.vocabulary.facts_of("item"):
                if fact.type not in LINKS or fact.name in item.facts:
                    continue
                if fact.name in act.none or (fact.type == "asset" and self.get("assets") == []):
                    item.facts[fact.name] = ()

    def _open_lists(self, act: Act, activity: str) -> None:
        """A list left out is unknown where the activity moves such things, else assumed to be empty."""
        word = self.vocabulary.word("activity", activity)
        for key in ("items", "assets"):
            if self.get(key) is None and key not in act.none:
                if key in word.moves:
                    thing = self._open(act, key[:-1], f"{key} are part of it ({word.title})")
                    thing.doubtful = True
                    getattr(act, key).append(thing)
                else:
                    act.assumed_empty = (*act.assumed_empty, key)

    def _open_roles(self, act: Act, activity: str) -> None:
        """A role that the activity needs and nobody fills is an unknown party."""
        within = self.vocabulary.within
        for role in self.vocabulary.word("activity", activity).needs:
            filled = any(role in within[f"role:{r}"] for p in act.parties for r in p.facts.get("role", ()))
            if role not in act.none and not filled:
                party = self._open(act, "party", self.vocabulary.word("role", role).title)
                party.facts["role"] = (role,)
                act.parties.append(party)

    def _open(self, act: Act, kind: str, label: str) -> Thing:
        name = f"unnamed {_without_article(label)}"
        thing = Thing(kind, self.count[kind], name, name)
        self.count[kind] += 1
        thing.open, thing.label = True, label
        act.things.append(thing)
        return thing

    def _authorisation(self, act: Act, i: int, entry: Any) -> Authorisation:
        field = f"authorisations[{i}]"
        if bool(entry.lifts) == (entry.grants is not None):
            self.problem(
                field, "names either the prohibitions it lifts (`lifts`) or the derogation it grants (`grants`)"
            )
        things = set()
        for j, name in enumerate(entry.things):
            found = [names[name] for names in self.names.values() if name in names]
            if not found:
                self.problem(f"{field}.things[{j}]", f"`{name[:80]}` is nothing of this transaction")
            things |= set(found)
        first, last = -FOREVER, FOREVER
        for key, text in (("from", entry.valid_from), ("until", entry.until)):
            if text is not None:
                try:
                    instant = parse_instant(text, self.rules.authorities[entry.issuer].zone.key)
                    first, last = (
                        (instant.first, last)
                        if key == "from"
                        else (first, instant.first if instant.is_moment else instant.last)
                    )
                except ValueError as error:
                    self.problem(f"{field}.{key}", str(error))
        if first >= last:
            self.problem(f"{field}.until", "is not after `from`")
        return Authorisation(
            entry.issuer,
            entry.reference,
            tuple(entry.lifts),
            entry.grants,
            frozenset(things),
            bool(entry.things),
            first,
            last,
        )


def _without_article(label: str) -> str:
    first, _, rest = label.partition(" ")
    return rest if rest and first in ("a", "an", "the") else label


def _holds(stake: Stake, day: date | None) -> bool:
    if day is None:  # before the first dated change
        return stake.since is None
    return (stake.since is None or stake.since <= day) and (stake.until is None or day < stake.until)


def _own(statement: Any, deal: Any, key: str) -> Any:
    """What the act states, else what the deal states beside its acts."""
    value = getattr(statement, key)
    if deal is None:
        return value
    said_nothing = value is None or (value == [] and key in ("none", "authorisations", "grounds"))
    return getattr(deal, key) if said_nothing else value
