"""Tables as spreadsheets and accidents write them: read without loss, or refused with the line."""

import pytest

from carveout.engine.batch.tables import Table, TableError, read_table
from carveout.engine.law.ruleset import RuleSet, load_rules

HEADER = "reference,activity,at,actor,counterparty"
ROW = "1,advice,2025-11-22,Müller,Belavia"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """The shipped rules."""
    return load_rules()


def table(text: str, *rows: str) -> str:
    """A header and rows as one text."""
    return "\n".join([text, *rows, ""])


READABLE = {
    "UTF-8": table(HEADER, ROW).encode(),
    "a BOM": table(HEADER, ROW).encode("utf-8-sig"),
    "UTF-16 of Excel": table(HEADER, ROW).replace(",", "\t").encode("utf-16"),
    "cp1252": table(HEADER, ROW).encode("cp1252"),
    "semicolons": table(HEADER, ROW).replace(",", ";").encode(),
    "tabs": table(HEADER, ROW).replace(",", "\t").encode(),
    "CRLF": table(HEADER, ROW).replace("\n", "\r\n").encode(),
    "a line that says the delimiter": ("sep=;\r\n" + table(HEADER, ROW).replace(",", ";")).encode(),
    "blank lines": table(HEADER, "", ROW, "").encode(),
    "no newline at the end": table(HEADER, ROW).strip().encode(),
    "quotes": table('"reference","activity","at","actor","counterparty"', ROW.replace("Müller", '"Müller"')).encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_the_same_table_however_it_is_written(name: str, rules: RuleSet) -> None:
    read = read_table(READABLE[name], rules)
    assert list(read.header) == HEADER.split(",")
    assert read.rows == [ROW.split(",")]


def test_namibia_and_leading_noughts_are_kept(rules: RuleSet) -> None:
    read = read_table(b"activity,at,actor_country,item_hs\nadvice,2025-11-22,NA,0406\n", rules)
    assert read.rows == [["advice", "2025-11-22", "NA", "0406"]]


def test_ragged_rows_and_lines_within_cells_stay_rows(rules: RuleSet) -> None:
    read: Table = read_table(table(HEADER, "1,advice", '2,"a\nb",x,y,z,w', ROW).encode(), rules)
    assert [len(row) for row in read.rows] == [2, 6, 5]


def test_another_encoding_is_read_where_it_is_said(rules: RuleSet) -> None:
    data = table(HEADER, "1,advice,2025-11-22,A,Белавиа").encode("cp1251")
    with pytest.raises(TableError, match="line 2: neither UTF-8 nor Windows-1252"):
        read_table(data, rules)
    assert read_table(data, rules, encoding="cp1251").rows[0][4] == "Белавиа"


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"\xef\xbb\xbf \r\n\r\n", "empty"),
    "a header alone": (HEADER.encode(), "no row"),
    "NUL": (table(HEADER, "1,adv\0ice,2025-11-22,A,B").encode(), "line 2: the file holds a NUL"),
    "UTF-16 without a mark": (table(HEADER, ROW).encode("utf-16-le"), "NUL"),
    "half of UTF-16": (b"\xff\xfea", "UTF-16"),
    "broken UTF-8": (table(HEADER, ROW).encode() + b"2,advice,2025,Caf\xc3,B\n", "line 3: broken UTF-8"),
    "no encoding at all": (table(HEADER, "1,advice,2025-11-22,\x81,B").encode("latin-1"), "Windows-1252"),
    "a quote never closed": (table(HEADER, '1,advice,2025-11-22,"A,B', ROW).encode(), "never closed"),
    "a quote closed too early": (table(HEADER, '1,"adv"ice,2025-11-22,A,B').encode(), "line 2: a quote is closed"),
    "a cell as long as a book": (
        table(HEADER, "1," + "x" * 200_000 + ",2025,A,B").encode(),
        "line 2: a cell is longer",
    ),
    "missing columns": (b"reference,actor\n1,A\n", "`activity` is missing; column `at` is missing"),
    "unknown columns": (b"activity,at,acter\nadvice,2025-11-22,A\n", "did you mean `actor`"),
    "a million columns": (b"," * 1_000_000 + b"\n1\n", "1000001 columns"),
    "a column without a name": (b"activity,at,\nadvice,2025-11-22,secret\n", "column 3 has no name"),
    "an image": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ""),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_apart_is_refused(name: str, rules: RuleSet) -> None:
    data, told = REFUSED[name]
    with pytest.raises(TableError) as caught:
        read_table(data, rules)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 10_000


def test_an_unknown_encoding_is_refused(rules: RuleSet) -> None:
    for name, told in (("klingon", "no encoding"), ("ascii", "not ascii")):
        with pytest.raises(TableError, match=told):
            read_table(READABLE["UTF-8"], rules, encoding=name)


def test_empty_columns_at_the_end_do_no_harm(rules: RuleSet) -> None:
    read = read_table(b"activity,at,,\nadvice,2025-11-22,,\n", rules)
    assert [column.thing for column in read.columns[2:]] == ["carried", "carried"]
