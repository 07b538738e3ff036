"""OFAC's SDN_ADVANCED.XML and CONS_ADVANCED.XML, in the advanced sanctions data model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.dates import joined
from carveout.engine.parties.lists.entry import (
    ALIAS,
    PERSON,
    PRIMARY,
    WEAK,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.reading import Reading, only
from carveout.engine.parties.lists.xml_records import Node, records

_SECTIONS = frozenset(
    {"DateOfIssue", "ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry"}
)
_STREET = ("ADDRESS1", "ADDRESS2", "ADDRESS3", "CITY", "STATE/PROVINCE", "REGION", "POSTAL CODE")
_BORN = "Birthdate"


@dataclass(slots=True)
class _Book:
    """The sections of the file, which refer to each other by number."""

    content: Content
    words: dict[tuple[str, str], Node] = field(default_factory=dict)
    places: dict[str, Node] = field(default_factory=dict)
    documents: defaultdict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))
    sanctions: defaultdict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def word(self, kind: str, number: str) -> str:
        """What a number stands for, empty if the file does not say."""
        node = self.words.get((kind, number))
        return node.say() if node is not None else ""


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    book, parties, published = _Book(content), [], ""
    for node in records(content, _SECTIONS):
        if node.tag == "ReferenceValueSets":
            book.words |= {(x.tag, x.get("ID")): x for values in node.children for x in values.children}
        elif node.tag == "DateOfIssue":
            published = _day(node)
        elif node.tag == "Location":
            book.places[node.get("ID")] = node
        elif node.tag == "IDRegDocument":
            book.documents[node.get("IdentityID")].append(node)
        elif node.tag == "SanctionsEntry":
            book.sanctions[node.get("ProfileID")].append(node)
        elif node.tag == "DistinctParty":
            parties.append(node)
    profiles = [profile for party in parties for profile in party.all("Profile")]
    strangers = set(book.sanctions) - {profile.get("ID") for profile in profiles}
    if strangers or not book.words:
        what = f"profile {min(strangers)} of its sanctions" if strangers else "its table of words"
        raise content.refuse(f"lacks {what}: cut short or edited; fetch it again")
    publication, entries = ofac.sorted_out([_entry(book, profile) for profile in profiles])
    return Reading(publication, entries, len(entries), published)


def _entry(book: _Book, profile: Node) -> ListEntry:
    uid = profile.get("ID")
    names = list(_names(profile))
    if not uid or not names or uid not in book.sanctions:
        raise book.content.refuse(f"has a party without name or sanction (profile `{uid}`); fetch it again")
    features = list(_features(book, profile))
    said = [(label, text) for label, text, _ in features]
    identities = [node.get("ID") for node in profile.all("Identity")]
    identifiers = [found for number in identities for node in book.documents[number] if (found := _number(book, node))]
    identifiers += [found for label, text in said if (found := identifier(label, text))]
    addresses = tuple(place for label, _, place in features if label == "Location" and place)
    nations = [
        place.country or place.text for label, _, place in features if place and label.startswith(("Nation", "Citizen"))
    ]
    measures = [x for node in book.sanctions[uid] for x in node.all("SanctionsMeasure")]
    events = [_day(x) for node in book.sanctions[uid] for x in node.all("EntryEvent", "Date")]
    kind = _kind(book, profile)
    return ofac.with_registration(
        ListEntry(
            list=ofac.SDN,
            uid=uid,
            kind=kind,
            names=as_printed(names),
            programmes=ofac.programmes(_tags(book, measures), said),
            countries=distinct([*(x.country for x in addresses), *nations, *(x.country for x in identifiers)]),
            birth_dates=distinct(text for label, text in said if label == _BORN) if kind == PERSON else (),
            birth_places=distinct(
                place.text if place else text for label, text, place in features if "of Birth" in label
            ),
            identifiers=tuple(identifiers),
            addresses=addresses,
            listed_on=min(filter(None, events), default=""),
            remarks="; ".join(
                distinct(f"{label} {text}" for label, text in said if "irect" in label or "anction" in label)
            ),
        )
    )


def _names(profile: Node) -> Iterator[ListedName]:
    for alias in profile.all("Identity", "Alias"):
        kind = PRIMARY if alias.get("Primary") == "true" else ALIAS
        kind = WEAK if alias.get("LowQuality") == "true" else kind
        for name in alias.all("DocumentedName"):
            parts = name.says("DocumentedNamePart", "NamePartValue")
            # The first part is the family name, and in the other formats a comma follows it.
            yield ListedName(", ".join(filter(None, (parts[0], " ".join(parts[1:])))) if parts else "", kind)


def _kind(book: _Book, profile: Node) -> str:
    part = book.words.get(("PartySubType", profile.get("PartySubTypeID")))
    word = part.say() if part is not None else ""
    if part is not None and word not in ("Vessel", "Aircraft"):
        word = book.word("PartyType", part.get("PartyTypeID")) or {"1": "Individual", "2": "Entity"}.get(
            part.get("PartyTypeID"), "Unknown"
        )
    return ofac.kind_of(word or "Unknown")


def _tags(book: _Book, measures: list[Node]) -> Iterator[str]:
    """The programmes: measures of the type Program, whose comment is the tag. In a file without words, all comments."""
    for measure in measures:
        word = book.word("SanctionsType", measure.get("SanctionsTypeID"))
        if word in ("Program", "") and (tag := measure.say("Comment")):
            yield tag


def _features(book: _Book, profile: Node) -> Iterator[tuple[str, str, Address | None]]:
    """Label, text and place of each feature."""
    for feature in profile.all("Feature"):
        label = book.word("FeatureType", feature.get("FeatureTypeID"))
        for version in feature.all("FeatureVersion"):
            place = next((_place(book, x.get("LocationID")) for x in version.all("VersionLocation")), None)
            detail = version.say("VersionDetail")
            number = next((x.get("DetailReferenceID") for x in version.all("VersionDetail")), "")
            yield label, detail or book.word("DetailReference", number) or _period(version), place


def _place(book: _Book, number: str) -> Address | None:
    node = book.places.get(number)
    if node is None:
        raise book.content.refuse(f"lacks the place {number} it refers to: cut short or edited; fetch it again")
    parts: dict[str, str] = {}
    for part in node.all("LocationPart"):
        values = sorted(part.all("LocationPartValue"), key=lambda x: x.get("Primary") != "true")
        parts[book.word("LocPartType", part.get("LocPartTypeID"))] = values[0].say("Value") if values else ""
    country = next((book.word("Country", x.get("CountryID")) for x in node.all("LocationCountry")), "")
    country = "" if country == "undetermined" else country
    text = ", ".join(filter(None, [*(parts.get(name, "") for name in ("Unknown", *_STREET)), country]))
    return Address(text, parts.get("CITY", ""), country or parts.get("Unknown", "")) if text else None


def _number(book: _Book, node: Node) -> Identifier | None:
    label = book.word("IDRegDocType", node.get("IDRegDocTypeID"))
    country = book.word("Country", node.get("IssuedBy-CountryID"))
    return identifier(label, node.say("IDRegistrationNo"), "" if country == "undetermined" else country)


def _day(node: Node) -> str:
    return joined(node.say("Year"), node.say("Month"), node.say("Day"))


def _period(version: Node) -> str:
    """The span of a date: a day where it begins and ends on one, a year where it fills one."""
    period = version.first("DatePeriod")
    if period is None:
        return ""
    ends = [
        _day(x)
        for way in (("Start", "From"), ("Start", "To"), ("End", "From"), ("End", "To"))
        for x in period.all(*way)
    ]
    known = sorted(filter(None, ends))
    if not known:
        return ""
    first, last = known[0], known[-1]
    if first[:4] == last[:4] and first[4:] == "-01-01" and last[4:] == "-12-31":
        return first[:4]
    about = any(x.get("Approximate") == "true" for x in period.children)
    return (first if first == last else f"{first}/{last}") + ("~" if about and first == last else "")
