"""List files and norms name lists and programmes differently; the rule set says which is which, as data."""

import pytest

from carveout.engine.law.documents import Document, RuleError, parse_document, read_document
from carveout.engine.law.ruleset import SHIPPED, RuleSet, build_rules, load_rules
from carveout.engine.parties.lists.entry import ListedName, ListEntry
from carveout.engine.parties.snapshots.statuses import Given, Naming

AUTHORITY = """
title: Office of X
short: XO
zone: America/New_York
calendar: US
countries: [US]
lists:
  xx.plain: {title: Plain, programmes: [RED, BLUE]}
  xx.directive:
    title: Directive
    programmes: [RED-D1]
    official: [{programme: RED-D1, status: xx.menu/RED-D1}]
  xx.rows:
    title: Rows
    programmes: [note, all, some]
    official:
      - {programme: note, status: [xx.rows/footnote-3, xx.rows/footnote-9]}
      - {programme: all, status: 'xx.rows/*', says: {requirement: [all items subject, every item]}}
      - {programme: some, status: xx.rows/entity}
grounds:
  person:
    title: somebody of X
    citation: {instrument: Act 1, source: invented, sure: primary}
    when: {any_party: {fact: party.country, is: US}}
"""


def rules(text: str = AUTHORITY) -> RuleSet:
    shared: dict[str, Document] = {
        name: read_document(SHIPPED / name, name) for name in ("vocabulary.yaml", "places.yaml")
    }
    for path in sorted((SHIPPED / "codes").glob("*.yaml")):
        shared[f"codes/{path.name}"] = read_document(path, path.name)
    return build_rules({**shared, "xx/authority.yaml": parse_document(text, "rules/xx/authority.yaml")})


def given(on: str, *programmes: str, **details: str) -> Given:
    entry = ListEntry(on, "1", "organisation", (ListedName("A"),), programmes, details=details)
    return Naming(rules().authorities).given(entry)


def test_a_plain_list_keeps_its_names() -> None:
    assert given("xx.plain", "RED", "BLUE") == Given(("xx.plain/RED", "xx.plain/BLUE"), ())
    assert given("xx.plain", "RED", "GREEN", "GREY") == Given(("xx.plain/RED", "xx.plain/other"), ())


def test_a_list_may_be_named_otherwise_in_the_files() -> None:
    assert given("xx.menu", "RED-D1", "RED") == Given(("xx.directive/RED-D1",), ("xx.menu/RED",))
    assert given("xx.menu", "RED") == Given((), ("xx.menu/RED",))


def test_the_first_row_that_fits_counts() -> None:
    assert given("xx.rows", "footnote-9", requirement="All items subject") == Given(("xx.rows/note",), ())
    more = given("xx.rows", "entity", "footnote-9", requirement="All items subject")
    assert more == Given(("xx.rows/all", "xx.rows/note"), ())  # each status of the file by itself
    assert given("xx.rows", "entity", "new") == Given(("xx.rows/some", "xx.rows/other"), ())  # nothing is lost
    assert given("xx.rows", "entity", requirement="For ALL  items\nsubject to it") == Given(("xx.rows/all",), ())
    assert given("xx.rows", "entity", requirement="For some items") == Given(("xx.rows/some",), ())
    assert given("xx.rows", "new") == Given(("xx.rows/other",), ())


def frozen(regime: str, *measures: str, rest: bool = True) -> Given:
    last = "\n      - {programme: unread, status: xx.parts/freeze}" if rest else ""
    text = AUTHORITY.replace(
        "grounds:",
        f"""  xx.parts:
    title: Parts
    programmes: [east, west, unread, freeze]
    official:
      - {{programme: east, status: xx.parts/freeze, part: {{regime: [Guinea, 'The Guinea (*)*']}}}}
      - {{programme: west, status: xx.parts/freeze, part: {{regime: Guinea-Bissau}}}}{last}
grounds:""",
    )
    details = {"regime": regime} if regime else {}
    entry = ListEntry("xx.parts", "1", "person", (ListedName("A"),), measures or ("freeze",), details=details)
    return Naming(rules(text).authorities).given(entry)


def test_each_part_of_a_detail_has_its_own_row() -> None:
    assert frozen("guinea") == frozen("The  Guinea (Sanctions) Regulations 2019") == Given(("xx.parts/east",), ())
    assert frozen("Guinea-Bissau") == Given(("xx.parts/west",), ())  # whole words, not the letters within
    assert frozen("Guinea-Bissau; Guinea") == Given(("xx.parts/west", "xx.parts/east"), ())


def test_a_part_that_no_row_names_is_not_lost() -> None:
    assert frozen("Guinea; Atlantis") == Given(("xx.parts/east", "xx.parts/unread"), ())
    assert frozen("Equatorial Guinea") == frozen("") == Given(("xx.parts/unread",), ())
    assert frozen("Guinea; Atlantis", rest=False) == Given(("xx.parts/east", "xx.parts/freeze"), ())
    assert frozen("Guinea", "freeze", "ban") == Given(("xx.parts/east", "xx.parts/other"), ())


@pytest.mark.parametrize(
    ("regime", "programmes"),
    [
        ("Belarus", ["belarus"]),
        ("The Republic of Belarus (Sanctions) (EU Exit) Regulations 2019", ["belarus"]),
        ("Belarus; Global Human Rights", ["belarus", "human-rights"]),
        ("South Sudan", ["south-sudan"]),
        ("The Russia (Sanctions) (EU Exit) Regulations 2019", ["russia"]),
        ("The Atlantis (Sanctions) Regulations 2031", ["unread-regime"]),
        ("", ["unread-regime"]),
    ],
)
def test_a_british_freeze_is_one_of_its_regime(regime: str, programmes: list[str]) -> None:
    details = {"regime": regime} if regime else {}
    entry = ListEntry("uk.sanctions-list", "1", "person", (ListedName("A"),), ("asset-freeze",), details=details)
    said = tuple(f"uk.sanctions-list/{x}-asset-freeze" for x in programmes)
    assert Naming(load_rules().authorities).given(entry) == Given(said, ())


@pytest.mark.parametrize(
    ("on", "programme", "details", "statuses"),
    [
        ("ca.schedule-1", "Russia", {"schedule": "3"}, ["Russia-debt"]),
        ("ca.schedule-1", "Russia", {"schedule": "1, Part 3"}, ["Russia"]),
        ("ca.schedule-1", "Russia", {"schedule": "1.1"}, ["Russia"]),
        ("ca.schedule-1", "Russia", {}, ["Russia"]),  # a file that does not tell the schedules apart: the freeze
        ("ca.schedule-1", "Belarus", {"schedule": "2"}, ["general"]),
        ("ch.annex", "Belarus", {"sets": "Article 12 para. 1 (Financial sanctions), annex 13"}, ["freeze"]),
        ("ch.annex", "Belarus", {"sets": "Financial sanctions, annex 13; Insurance, annex 3"}, ["freeze", "other"]),
        ("ch.annex", "Belarus", {"sets": "Insurance, annex 130"}, ["other"]),
        ("ch.annex", "Belarus", {}, ["other"]),
        ("ch.annex", "PPDM", {"sets": "Financial measures, annex 13"}, ["other"]),
    ],
)
def test_what_a_list_says_of_schedules_and_annexes_counts(
    on: str, programme: str, details: dict[str, str], statuses: list[str]
) -> None:
    entry = ListEntry(on, "1", "organisation", (ListedName("A"),), (programme,), details=details)
    assert Naming(load_rules().authorities).given(entry) == Given(tuple(f"{on}/{x}" for x in statuses), ())


def test_a_list_that_nobody_declares_is_said_not_to_be_held() -> None:
    assert given("zz.list", "A", "B") == Given((), ("zz.list/A", "zz.list/B"))


def test_faults_are_named_with_their_place() -> None:
    with pytest.raises(RuleError, match=r"authority.yaml:\d+: unknown programme `RED-D2` of xx.directive"):
        rules(AUTHORITY.replace("programme: RED-D1, status", "programme: RED-D2, status"))
    with pytest.raises(RuleError, match=r"`xx\.menu` is no status"):
        rules(AUTHORITY.replace("status: xx.menu/RED-D1", "status: xx.menu"))
    with pytest.raises(RuleError, match="stat"):
        rules(AUTHORITY.replace("status: xx.menu/RED-D1", "stat: xx.menu/RED-D1"))


@pytest.mark.parametrize(
    ("requirement", "programme"),
    [
        ("For all items subject to the EAR.  (See §744.11 of the EAR).", "all-items"),
        ("All items subject to the EAR.", "all-items"),
        ("For all items subject to the EAR when used in projects specified in §746.5 of the EAR.", "entity"),
        ("All items subject to the EAR except for food or medicine designated as EAR99.", "entity"),
        ("For all items subject to the EAR. (See §744.11 of the EAR), apart from items that are authorized", "entity"),
        ("For all items subject to the EAR, with case-by-case basis for items listed on the CCL", "entity"),
        ("For items on the CCL and listed in supplement no. 7 to part 746 of the EAR", "entity"),
        ("", "entity"),
    ],
)
def test_an_entity_row_is_for_all_items_only_where_its_whole_text_says_so(requirement: str, programme: str) -> None:
    details = {"license_requirement": requirement} if requirement else {}
    entry = ListEntry("us.bis.entity-list", "1", "organisation", (ListedName("A"),), ("entity",), details=details)
    given = Naming(load_rules().authorities).given(entry)
    assert given == Given((f"us.bis.entity-list/{programme}",), ())
