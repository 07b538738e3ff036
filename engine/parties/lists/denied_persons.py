"""The Denied Persons List of the Bureau of Industry and Security, tab-separated."""

from __future__ import annotations

from collections.abc import Sequence

from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import UNKNOWN, Address, ListedName, ListEntry, distinct
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.reading import Reading, made_uid, only, with_own_uids
from carveout.engine.parties.lists.tables import Columns, delimited, ends_with_line

NEEDED = ("Name", "Street_Address", "City", "Country", "Effective_Date", "Expiration_Date", "FR_Citation")
_STREET = ("Street_Address", "City", "State", "Postal_Code", "Country")


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    if not ends_with_line(content):
        raise content.refuse("ends within a line: cut short; fetch it again")
    rows = delimited(content, "\t")
    columns = Columns(content, next(rows, []), NEEDED)
    entries = []
    for line, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            columns.exact(row, line)
            entries.append(_entry(content, columns, row, line))
    return Reading("us.bis.denied-persons", with_own_uids(entries), len(entries))


def _entry(content: Content, columns: Columns, row: list[str], line: int) -> ListEntry:
    said = {name: columns.cell(row, name) for name in columns.names}
    if not said["Name"]:
        raise content.refuse(f"row {line} has no name; fetch it again")
    address = ", ".join(filter(None, (said.get(name, "") for name in _STREET)))
    told = {"standard_order": said.get("Standard_Order", ""), "federal_register_notice": said["FR_Citation"]}
    return ListEntry(
        list="us.bis.denied-persons",
        uid=made_uid(said["Name"], said["Effective_Date"], said["FR_Citation"]),
        kind=UNKNOWN,
        names=(ListedName(said["Name"]),),
        countries=distinct([said["Country"]]),
        addresses=(Address(address, said["City"], said["Country"]),) if address else (),
        listed_on=known_date(said["Effective_Date"], month_first=True),
        updated_on=known_date(said.get("Last_Update", "")),
        ends_on=known_date(said["Expiration_Date"], month_first=True),
        remarks=said.get("Action", ""),
        details={key: text for key, text in told.items() if text},
    )
