"""Reading the files of a rule set into norms, with every fault found at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import holidays
from pydantic import ValidationError

from carveout.engine.law.clocks import (
    ALWAYS,
    FOREVER,
    NEVER,
    Boundary,
    Effective,
    day_start,
    parse_boundary,
    parse_date,
    zone_named,
)
from carveout.engine.law.conditions import Condition, ConditionError, ConditionReader, Leaf, OwnedBy, walk
from carveout.engine.law.documents import Document, Fault, did_you_mean
from carveout.engine.law.norms import (
    ASSET_KINDS,
    Authority,
    Citation,
    Duty,
    Exclusion,
    Exemption,
    Ground,
    Holding,
    Listing,
    ListOf,
    Name,
    Norm,
    Official,
    Ownership,
    Prohibition,
    Subject,
    Unresolved,
)
from carveout.engine.law.shapes import (
    SHAPES,
    AuthorityShape,
    CitationShape,
    DueShape,
    DutyShape,
    EffectiveShape,
    ExemptionShape,
    ListingShape,
    ListShape,
    NormShape,
    OwnershipShape,
    ProhibitionShape,
    SubjectShape,
    UnresolvedShape,
)
from carveout.engine.law.vocabulary import LINKS, STRUCTURAL
from carveout.engine.law.wording import shape_faults

_DAYS = re.compile(r"(\d+) days?")
Where = tuple[str | int, ...]


def citation_of(shape: CitationShape) -> Citation:
    """A Citation from its shape."""
    return Citation(shape.instrument, shape.paragraph, shape.published, shape.source, shape.sure)


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


class NormReader:
    """Turns documents into authorities, subjects and norms; faults are gathered, not raised."""

    def __init__(self, conditions: ConditionReader) -> None:
        self.conditions = conditions
        self.authorities: dict[str, Authority] = {}
        self.faults: list[Fault] = []

    def fault(self, document: Document, path: Where, message: str, hint: str = "") -> None:
        """Remember one thing wrong."""
        self.faults.append(document.fault(path, message, hint))

    def condition(
        self, document: Document, raw: Any, thing: str, path: Where, quantifiers: str = "both", hint: str = ""
    ) -> Condition | None:
        """A condition, or None (with a fault; `hint`: of a fact of another thing) where it cannot be read."""
        try:
            return self.conditions.read(raw, thing, path, quantifiers=quantifiers)
        except ConditionError as error:
            of_another = " begins with " in error.message
            self.fault(document, error.path, error.message, hint if hint and of_another else error.hint)
            return None

    # ---- authorities and subjects

    def authority(self, id: str, document: Document) -> None:
        """Read an authority (its grounds too, so subjects and statuses must be known)."""
        try:
            shape = AuthorityShape.model_validate(document.data)
            zone = zone_named(shape.zone)
        except ValidationError as error:
            self.faults += shape_faults(document, error)
            return
        except ValueError as error:
            self.fault(document, ("zone",), str(error))
            return
        calendars = holidays.list_supported_countries()
        if shape.calendar not in calendars:
            self.fault(
                document, ("calendar",), f"unknown calendar `{shape.calendar}`", did_you_mean(shape.calendar, calendars)
            )
        places = self.conditions.vocabulary.places
        for i, place in enumerate(shape.countries):
            if place not in places:
                self.fault(document, ("countries", i), f"unknown place `{place}`", did_you_mean(place, places))
        self.conditions.zone = zone
        grounds = {}
        for name, ground in shape.grounds.items():
            read: dict[str, Condition] = {}
            for thing, raw in (
                ("act", ground.when),
                ("party", ground.party),
                ("item", ground.item),
                ("asset", ground.asset),
            ):
                if raw is not None:
                    key = "when" if thing == "act" else thing
                    condition = self.condition(document, raw, thing, ("grounds", name, key))
                    if condition is not None:
                        read[thing] = condition
            if not read:
                self.fault(
                    document,
                    ("grounds", name),
                    f"ground `{name}` has no condition",
                    "add `when`, `party`, `item` or `asset`",
                )
            grounds[name] = Ground(f"{id}.{name}", ground.title, tuple(map(citation_of, ground.citation)), read)
        lists = {
            key: ListOf(key, entry.title, tuple(entry.programmes), self._official(document, key, entry))
            for key, entry in shape.lists.items()
        }
        self.authorities[id] = Authority(
            id, shape.title, shape.short, zone, shape.calendar, tuple(shape.countries), shape.advisory, lists, grounds
        )

    def _official(self, document: Document, name: str, shape: ListShape) -> tuple[Official, ...]:
        """How list files name the programmes of a list."""
        for i, row in enumerate(shape.official):
            path = ("lists", name, "official", i)
            if row.programme not in shape.programmes:
                hint = did_you_mean(row.programme, shape.programmes)
                self.fault(document, (*path, "programme"), f"unknown programme `{row.programme}` of {name}", hint)
            for status in row.status:
                if not all(status.partition("/")):
                    self.fault(document, (*path, "status"), f"`{status}` is no status", "write LIST/PROGRAMME")
        return tuple(
            Official(row.programme, tuple(row.status), _worded(row.says), _worded(row.part)) for row in shape.official
        )

    def subject(self, id: str, document: Document) -> Subject | None:
        """Read a subject."""
        try:
            shape = SubjectShape.model_validate(document.data)
        except ValidationError as error:
            self.faults += shape_faults(document, error)
            return None
        self._subject_facts(document, shape)
        owners = tuple(Holding(h.subject, h.percent, h.begins, h.until) for h in shape.owners)
        names = tuple(Name(n.name, n.kind, n.lang) for n in shape.names)
        for i, holding in enumerate(shape.owners):
            if holding.subject not in self.conditions.names.subjects:
                self.fault(
                    document,
                    ("owners", i, "subject"),
                    f"unknown subject `{holding.subject}`",
                    did_you_mean(holding.subject, self.conditions.names.subjects),
                )
            for key, day in (("from", holding.begins), ("until", holding.until)):
                try:
                    _ = None if day is None else parse_date(day)
                except ValueError as error:
                    self.fault(document, ("owners", i, key), str(error))
        return Subject(
            id, shape.kind, names, shape.identifiers, shape.facts, owners, tuple(map(citation_of, shape.citation))
        )

    def _subject_facts(self, document: Document, shape: SubjectShape) -> None:
        """What is recorded of a subject are facts of the vocabulary; a link leads to another subject."""
        vocabulary, subjects = self.conditions.vocabulary, self.conditions.names.subjects
        thing = "asset" if shape.kind in ASSET_KINDS else "party"
        for name, raw in shape.facts.items():
            where: Where = ("facts", name)
            fact = vocabulary.facts.get(f"{thing}.{name}")
            if fact is None or fact.path in STRUCTURAL:
                known = [f.name for f in vocabulary.facts_of(thing) if f.path not in STRUCTURAL]
                self.fault(document, where, f"unknown fact `{thing}.{name}`", did_you_mean(name, known))
                continue
            if isinstance(raw, list) and not fact.many:
                self.fault(document, where, f"`{fact.path}` has one value, not a list")
            for value in raw if isinstance(raw, list) else [raw]:
                try:
                    if not isinstance(value, str):
                        raise ValueError("a value is plain text")
                    if fact.type in LINKS and value not in subjects:
                        raise ValueError(f"unknown subject `{value}`")
                    vocabulary.read(fact.type, value)
                except ValueError as error:
                    of = subjects if fact.type in LINKS else vocabulary.closed(fact.type) or {}
                    self.fault(document, where, str(error), did_you_mean(str(value), of) if of else "")

    # ---- norms

    def norms(self, id: str, kind: str, document: Document) -> list[Norm]:
        """Read the norm of that kind in a file, or no norm with faults.

        A prohibition for several kinds of thing is a norm for each: the first has the id of the path, each further one
        that id with `-KIND` behind it.
        """
        try:
            shape = SHAPES[kind].model_validate(document.data)
        except ValidationError as error:
            self.faults += shape_faults(document, error)
            return []
        shapes = {id: shape}
        if isinstance(shape, ProhibitionShape) and len(shape.for_each) > 1:
            shapes = self._for_each(id, document, shape)
        found = (self.norm(name, kind, document, each) for name, each in shapes.items())
        return [norm for norm in found if norm is not None]

    def _for_each(self, id: str, document: Document, shape: ProhibitionShape) -> dict[str, NormShape]:
        """What a prohibition for several kinds of thing says for each of them."""
        kinds: list[str] = list(shape.for_each)
        said: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
        for key in ("when", "block", "reject"):
            for kind, raw in (getattr(shape, key) or {}).items():
                if kind in said:
                    said[kind][key] = raw
                else:
                    hint = f"`for_each` has several kinds: say `{key}` for each of {', '.join(kinds)}"
                    self.fault(document, (key, kind), f"`{kind}` is no kind of thing of this norm", hint)
        if len(said) < len(kinds):
            self.fault(document, ("for_each",), "a kind of thing is named twice")
        nothing = {"when": None, "block": None, "reject": None}
        return {
            id if not i else f"{id}-{kind}": shape.model_copy(update={**nothing, **said[kind], "for_each": [kind]})
            for i, kind in enumerate(kinds)
        }

    def norm(self, id: str, kind: str, document: Document, shape: NormShape) -> Norm | None:
        """The norm of that kind, or None with faults."""
        before = len(self.faults)
        authority = self.authorities.get(shape.authority)
        if authority is None:
            self.fault(
                document,
                ("authority",),
                f"unknown authority `{shape.authority}`",
                did_you_mean(shape.authority, self.authorities),
            )
            return None
        if not id.startswith(authority.id + "."):
            self.fault(
                document, ("authority",), f"`{authority.id}` does not match the folder of `{id}`", "the path is the id"
            )
        try:
            parse_date(shape.checked)
        except ValueError as error:
            self.fault(document, ("checked",), str(error))
        self.conditions.zone = authority.zone
        common = {
            "id": id,
            "title": shape.title,
            "authority": authority.id,
            "citations": tuple(map(citation_of, shape.citation)),
            "effective": self._effective(document, shape.effective, authority),
            "checked": shape.checked,
            "notes": shape.notes,
            "events": tuple(shape.event),
            "file": document.file,
        }
        build = getattr(self, f"_{kind}")
        norm: Norm | None = build(document, shape, authority, common)
        return norm if len(self.faults) == before else None

    def _boundary(self, document: Document, raw: Any, authority: Authority, path: Where, missing: Boundary) -> Boundary:
        if raw is None:
            return missing
        try:
            return parse_boundary(raw, authority.zone)
        except ValueError as error:
            self.fault(document, path, str(error))
            return missing

    def _effective(self, document: Document, shape: EffectiveShape, authority: Authority) -> Effective:
        where: Where = ("effective",)
        if (shape.begins is None) != shape.since_unknown:
            self.fault(document, where, "`effective` has either `from` or `since_unknown: true`")
        begins = self._boundary(document, shape.begins, authority, (*where, "from"), ALWAYS)
        ends = self._boundary(document, shape.until, authority, (*where, "until"), NEVER)
        if begins.after > ends.by:
            self.fault(document, where, "the norm ends before it begins")
        stretches = []
        for i, stretch in enumerate(shape.suspended):
            at = (*where, "suspended", i)
            begin = self._boundary(document, stretch.begins, authority, (*at, "from"), ALWAYS)
            stretches.append((begin, self._boundary(document, stretch.until, authority, (*at, "until"), NEVER)))
        return Effective(begins, ends, tuple(stretches))

    def _unresolved(
        self, document: Document, shapes: list[UnresolvedShape], authority: Authority, thing: str
    ) -> tuple[Unresolved, ...]:
        result = []
        for i, shape in enumerate(shapes):
            at: Where = ("unresolved", i)
            when = None
            if shape.when is not None:
                when = self.condition(document, shape.when, thing, (*at, "when"))
            begins = self._boundary(document, shape.begins, authority, (*at, "from"), ALWAYS)
            ends = self._boundary(document, shape.until, authority, (*at, "until"), NEVER)
            result.append(
                Unresolved(shape.question, tuple(shape.readings), tuple(shape.sources), when, begins, ends, shape.lifts)
            )
        return tuple(result)

    def _statuses(self, document: Document, words: list[str], key: str) -> tuple[str, ...]:
        known = self.conditions.names.statuses
        for i, word in enumerate(words):
            if word not in known or "/" not in word:
                self.fault(
                    document, (key, i), f"unknown status `{word}`", did_you_mean(word, [s for s in known if "/" in s])
                )
        return tuple(words)

    def _grounds(self, document: Document, names: list[str], authority: Authority, thing: str) -> tuple[str, ...]:
        for i, name in enumerate(names):
            ground = authority.grounds.get(name)
            if ground is None:
                self.fault(document, ("grounds", i), f"unknown ground `{name}`", did_you_mean(name, authority.grounds))
            elif "act" not in ground.conditions and thing not in ground.conditions:
                self.fault(
                    document,
                    ("grounds", i),
                    f"ground `{name}` cannot be asked of each {thing}",
                    f"add `{thing}:` to it in authority.yaml",
                )
        return tuple(names)

    def _listing(self, document: Document, shape: NormShape, authority: Authority, common: Mapping[str, Any]) -> Norm:
        assert isinstance(shape, ListingShape)
        if (shape.subject is None) == (shape.members is None):
            self.fault(document, (), "a listing has either `subject` or `class`")
        lists = {key for known in self.authorities.values() for key in known.lists}
        if shape.list_ not in authority.lists:
            self.fault(
                document, ("list",), f"unknown list `{shape.list_}` of {authority.id}", did_you_mean(shape.list_, lists)
            )
        statuses = self._statuses(document, [f"{shape.list_}/{p}" for p in shape.programmes], "programmes")
        if shape.subject is not None and shape.subject not in self.conditions.names.subjects:
            hint = did_you_mean(shape.subject, self.conditions.names.subjects)
            self.fault(document, ("subject",), f"unknown subject `{shape.subject}`", hint)
        members = None
        if shape.members is not None:
            members = self.condition(document, shape.members, "party", ("class",))
            for part in walk(members) if members else ():
                if (isinstance(part, Leaf) and part.path.fact.name == "status") or (
                    isinstance(part, OwnedBy) and part.listed
                ):
                    self.fault(
                        document, ("class",), "a class may not depend on a status", "statuses follow from listings"
                    )
        unresolved = self._unresolved(document, shape.unresolved, authority, "party")
        return Listing(
            **common,
            unresolved=unresolved,
            list=shape.list_,
            statuses=statuses,
            subject=shape.subject,
            members=members,
            number=shape.number,
        )

    def _prohibition(
        self, document: Document, shape: NormShape, authority: Authority, common: Mapping[str, Any]
    ) -> Norm:
        assert isinstance(shape, ProhibitionShape)
        (thing,) = shape.for_each
        if shape.when is None and not shape.programmes:
            self.fault(document, (), "a prohibition has `when`, or `programmes`, or both")
        if shape.programmes and thing not in ("party", "asset"):
            self.fault(
                document, ("programmes",), f"{_with_article(thing)} has no status", "use `when` with a fact of a party"
            )
        several = isinstance(said := document.data["for_each"], list) and len(said) > 1
        optional: dict[str, Any] = {}
        for key, raw in (("when", shape.when), ("block", shape.block), ("reject", shape.reject)):
            where: Where = (key, thing) if several else (key,)
            optional[key] = None if raw is None else self.condition(document, raw, thing, where)
        return Prohibition(
            **common,
            unresolved=self._unresolved(document, shape.unresolved, authority, thing),
            for_each=thing,
            grounds=self._grounds(document, shape.grounds, authority, thing),
            statuses=self._statuses(document, shape.programmes, "programmes"),
            effect=shape.effect,
            **optional,
        )

    def _exemption(self, document: Document, shape: NormShape, authority: Authority, common: Mapping[str, Any]) -> Norm:
        assert isinstance(shape, ExemptionShape)
        covers: dict[str, Condition] = {}
        for thing, raw in shape.covers.items():
            condition = self.condition(document, raw, thing, ("covers", thing), "every")
            if condition is not None:
                covers[thing] = condition
        only = list(covers)
        kind = only[0] if len(only) == 1 else "act"
        # where a condition could be of any of several kinds, no word tells of which
        hint = (
            "" if len(only) == 1 else "`covers` has several kinds: here the act alone is asked; use `not` in `covers`"
        )
        excepts = []
        for i, entry in enumerate(shape.excepts):
            when = self.condition(document, entry.when, kind, ("except", i, "when"), "every", hint)
            if when is not None:
                excepts.append(Exclusion(entry.label, when, citation_of(entry.citation) if entry.citation else None))
        stale_from = FOREVER
        if shape.stale_after is not None:
            match = _DAYS.fullmatch(shape.stale_after)
            if match is None:
                self.fault(
                    document, ("stale_after",), f"`{shape.stale_after}` is no number of days", "write `180 days`"
                )
            else:
                stale_from = day_start(parse_date(shape.checked), authority.zone) + 86400 * int(match[1])
        return Exemption(
            **common,
            unresolved=self._unresolved(document, shape.unresolved, authority, kind),
            shields=tuple(shape.shields),
            covers=covers,
            lifts_as=shape.lifts_as,
            statuses=self._statuses(document, shape.programmes, "programmes"),
            excepts=tuple(excepts),
            granted=shape.granted,
            conditions=tuple(shape.conditions),
            stale_from=stale_from,
        )

    def _ownership(self, document: Document, shape: NormShape, authority: Authority, common: Mapping[str, Any]) -> Norm:
        assert isinstance(shape, OwnershipShape)
        if (shape.at_least is None) == (shape.more_than is None):
            self.fault(document, (), "an ownership norm has either `at_least` or `more_than`")
        lists = {key for known in self.authorities.values() for key in known.lists}
        for i, name in enumerate(shape.lists):
            if name not in lists:
                self.fault(document, ("lists", i), f"unknown list `{name}`", did_you_mean(name, lists))
        threshold = shape.at_least if shape.at_least is not None else shape.more_than
        if threshold is not None and not (0 < threshold <= 100 if shape.at_least is not None else 0 <= threshold < 100):
            key = "at_least" if shape.at_least is not None else "more_than"
            self.fault(document, (key,), f"a threshold of {threshold} percent would reach everybody or nobody")
        return Ownership(
            **common,
            unresolved=self._unresolved(document, shape.unresolved, authority, "party"),
            lists=tuple(shape.lists),
            threshold=threshold if threshold is not None else common["none"],
            inclusive=shape.at_least is not None,
            adds_up=shape.adds_up,
            control=shape.control,
        )

    def _yearly(self, document: Document, due: DueShape) -> tuple[str, str]:
        """The day of the year on which something is due, and that as of which it is due; each MM-DD or nothing."""
        said = [key for key in ("business_days", "days", "months", "each_year_on") if getattr(due, key) is not None]
        if len(said) > 1:
            self.fault(document, ("due",), f"`due` has one of {', '.join(f'`{key}`' for key in said)}")
        if due.as_of is not None and due.each_year_on is None:
            self.fault(document, ("due", "as_of"), "`as_of` belongs to `each_year_on`")
        for key, day in (("each_year_on", due.each_year_on), ("as_of", due.as_of)):
            try:
                _ = None if day is None else parse_date(f"2023-{day}")
            except ValueError:
                self.fault(document, ("due", key), f"`{day}` is no day of every year", "write MM-DD, like 09-30")
        return due.each_year_on or "", due.as_of or ""

    def _duty(self, document: Document, shape: NormShape, authority: Authority, common: Mapping[str, Any]) -> Norm:
        assert isinstance(shape, DutyShape)
        if shape.after is None and shape.for_each is None:
            self.fault(
                document, (), "a duty has `after` (findings it follows from) or `for_each` (where it stands by itself)"
            )
        thing = shape.for_each or "act"
        when = None if shape.when is None else self.condition(document, shape.when, thing, ("when",))
        yearly, as_of = self._yearly(document, shape.due)
        return Duty(
            **common,
            unresolved=(),
            duty=shape.duty,
            says=shape.says,
            report=shape.report,
            for_each=shape.for_each,
            grounds=self._grounds(document, shape.grounds, authority, thing),
            when=when,
            after=tuple(shape.after.prohibitions) if shape.after else (),
            manner=shape.after.manner if shape.after else "any",
            business_days=shape.due.business_days,
            years=shape.due.years,
            days=shape.due.days,
            months=shape.due.months,
            yearly=yearly,
            as_of=as_of,
        )


def _worded(said: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((key, tuple(words)) for key, words in said.items())
