"""Small official lists, made by hand in the forms of the real ones."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from carveout.engine.parties.snapshots.taking import Taken

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Take = Callable[..., Taken]
Rows = Mapping[str, Sequence[str]]
"""Number: name, programme, and any aliases."""


def sdn_csv(rows: Rows) -> str:
    """SDN.CSV, which says neither its day nor aliases."""
    lines = [f'{uid},"{x[0]}",-0- ,"{x[1]}"' + ",-0- " * 8 + "\r\n" for uid, x in rows.items()]
    return "".join(lines) + "\x1a"


def sdn_xml(day: date, rows: Rows) -> str:
    """SDN.XML, with aliases."""
    entries = "".join(
        f"<sdnEntry><uid>{uid}</uid><lastName>{escape(x[0])}</lastName><sdnType>Entity</sdnType>"
        f"<programList><program>{x[1]}</program></programList><akaList>"
        + "".join(f"<aka><category>strong</category><lastName>{escape(y)}</lastName></aka>" for y in x[2:])
        + "</akaList></sdnEntry>"
        for uid, x in rows.items()
    )
    head = f"<Publish_Date>{day:%m/%d/%Y}</Publish_Date><Record_Count>{len(rows)}</Record_Count>"
    return f'<?xml version="1.0"?><sdnList><publshInformation>{head}</publshInformation>{entries}</sdnList>'


def csl_json(day: date, rows: Iterable[tuple[str, str, str, str]]) -> str:
    """The compact Consolidated Screening List: list, number, name, programme."""
    told = list(rows)
    sources, programmes = (sorted({x[place] for x in told}) for place in (0, 3))
    entries = [
        {"n": name, "s": sources.index(source), "t": "Entity", "e": uid, "pg": programmes.index(programme)}
        for source, uid, name, programme in told
    ]
    tables = {"sources": sources, "licenceRequirements": [], "licencePolicies": [], "programmes": programmes}
    said = {"sourceGeneratedAt": f"{day}T10:00:00+00:00", "entryCount": len(told), "fieldKey": {"n": "name"}}
    return json.dumps({**said, "tables": tables, "entries": entries})


def several(count: int, programme: str = "RED", start: int = 1) -> dict[str, tuple[str, str]]:
    """Entries that differ in number and name."""
    return {str(n): (f"Firm {n} Trading", programme) for n in range(start, start + count)}
