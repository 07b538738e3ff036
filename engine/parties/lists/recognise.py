"""Which format a file has, by what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from carveout.engine.parties.lists import (
    canada_sema,
    csl,
    csl_compact,
    denied_persons,
    eu_xml,
    followthemoney,
    ofac_advanced,
    ofac_csv,
    ofac_xml,
    ofsi,
    sdn_json,
    seco_xml,
    uk_sanctions_list,
    un_xml,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.reading import Reader
from carveout.engine.parties.lists.spreadsheets import members, opendocument, workbook
from carveout.engine.parties.lists.tables import Row
from carveout.engine.parties.lists.xml_records import root_of


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read."""

    name: str
    title: str
    read: Reader


FORMATS: Mapping[str, Format] = {
    found.name: found
    for found in (
        Format("ofac-xml", "OFAC SDN or non-SDN list, XML", ofac_xml.read),
        Format("ofac-csv", "OFAC SDN or non-SDN list, CSV files", ofac_csv.read),
        Format("ofac-advanced", "OFAC SDN or non-SDN list, advanced XML", ofac_advanced.read),
        Format("ofac-json", "OFAC SDN list, parsed by others into JSON", sdn_json.read),
        Format("csl-csv", "US Consolidated Screening List, CSV", csl.read_csv),
        Format("csl-json", "US Consolidated Screening List, JSON", csl.read_json),
        Format("csl-compact", "US Consolidated Screening List, compact JSON", csl_compact.read),
        Format("bis-denied-persons", "BIS Denied Persons List, tab-separated", denied_persons.read),
        Format("eu-xml", "EU financial sanctions, XML", eu_xml.read),
        Format("un-xml", "UN Security Council consolidated list, XML", un_xml.read),
        Format("ofsi-csv", "UK OFSI consolidated list, CSV", ofsi.read_csv),
        Format("ofsi-xlsx", "UK OFSI consolidated list, XLSX", ofsi.read_xlsx),
        Format("uk-xml", "UK Sanctions List, XML", uk_sanctions_list.read_xml),
        Format("uk-csv", "UK Sanctions List, CSV", uk_sanctions_list.read_csv),
        Format("uk-ods", "UK Sanctions List, ODS", uk_sanctions_list.read_ods),
        Format("uk-xlsx", "UK Sanctions List, XLSX", uk_sanctions_list.read_xlsx),
        Format("ca-xml", "Canada SEMA list, XML", canada_sema.read),
        Format("ch-xml", "Switzerland SECO list, XML", seco_xml.read),
        Format("ftm-jsonl", "FollowTheMoney entities, JSON lines", followthemoney.read),
    )
}

_ROOTS = {
    "sdnList": "ofac-xml",
    "Sanctions": "ofac-advanced",
    "export": "eu-xml",
    "CONSOLIDATED_LIST": "un-xml",
    "Designations": "uk-xml",
    "data-set": "ca-xml",
    "swiss-sanctions-list": "ch-xml",
}
_MEMBERS = (
    (re.compile(r'"fieldKey"\s*:\s*\{'), "csl-compact"),
    (re.compile(r'"entry_count"\s*:'), "ofac-json"),
    (re.compile(r'"results"\s*:\s*\['), "csl-json"),
)


def recognise(content: Content) -> Format:
    """The format of a file. Raises ListRefused for one that is no known list."""
    if content.head.startswith(b"PK"):
        return FORMATS[_table_of(content)]
    text = content.head.decode(content.encoding.removesuffix("-sig"), "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        root = root_of(content).tag
        name = _ROOTS.get(root, "")
        what = f"an XML file with the element `{root}`"
    elif text[:1] in "{[":
        name, what = _json_of(text), "a JSON file"
    else:
        name, what = _delimited(text), f"a text that begins `{text[:40]!s}`"
    if not name:
        raise content.refuse(f"is {what}, which is no list that is known here; known: {', '.join(FORMATS)}")
    return FORMATS[name]


def _json_of(text: str) -> str:
    first_line = text.partition("\n")[0]
    if text.startswith("{") and '"schema"' in first_line and '"properties"' in first_line:
        return "ftm-jsonl"
    if text.startswith("[") and '"source"' in text and '"alt_names"' in text:
        return "csl-json"
    return next((name for pattern, name in _MEMBERS if pattern.search(text)), "")


def _delimited(text: str) -> str:
    first, _, second = text.partition("\n")
    heads = [{cell.strip().strip('"') for cell in line.split(",")} for line in (first, second.partition("\n")[0])]
    if {"source", "entity_number", "alt_names"} <= heads[0]:
        return "csl-csv"
    if {"Name", "Effective_Date", "FR_Citation"} <= {cell.strip().strip('"') for cell in first.split("\t")}:
        return "bis-denied-persons"
    for head in heads:
        if {"Name 6", "Group ID"} <= head:
            return "ofsi-csv"
        if {"Name 6", "Unique ID"} <= head:
            return "uk-csv"
    # OFAC's files have no header: a number first, then text in quotes or another number.
    return "ofac-csv" if re.match(r'\d+,(?:"|\d+,|-0-)', first) else ""


def _table_of(content: Content) -> str:
    names = members(content)
    kind = "ods" if "content.xml" in names else "xlsx" if "xl/workbook.xml" in names else ""
    if kind:
        rows = opendocument(content) if kind == "ods" else workbook(content)
        for place, row in enumerate(rows):
            if {"Name 6", "Unique ID"} <= _trimmed(row):
                return f"uk-{kind}"
            if {"Name 6", "Group ID"} <= _trimmed(row) and kind == "xlsx":
                return "ofsi-xlsx"
            if place == 20:
                break
    raise content.refuse("is an archive that holds no list known here")


def _trimmed(row: Row) -> set[str]:
    return {cell.strip() for cell in row}
