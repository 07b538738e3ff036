"""Cut, edited, re-encoded, re-ordered and hostile files: refused, or read whole."""

import gzip
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.lists.guard import Limits, ListRefused
from carveout.engine.parties.lists.recognise import FORMATS

Sample = Callable[[str], list[Path]]
Read = Callable[..., ListFile]

SINGLE = sorted(set(FORMATS) - {"ofac-csv"})
PACKED = {"ofsi-xlsx", "uk-ods", "uk-xlsx"}
XML = [name for name in SINGLE if name.endswith("-xml") or name == "ofac-advanced"]
# Their rows stand alone and nothing marks the end: a cut between two lines cannot be seen.
OPEN_ENDED = {"csl-csv", "bis-denied-persons", "ofsi-csv", "uk-csv", "ftm-jsonl"}


def told(file: ListFile) -> list[str]:
    return sorted(map(repr, file.entries))


@pytest.mark.parametrize("name", SINGLE)
def test_a_cut_file_is_refused(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    [whole] = sample(name)
    content = whole.read_bytes()
    step = max(1, len(content) // 60)
    cut = tmp_path / f"cut{whole.suffix}"
    for length in [*range(0, len(content) - 1, step), len(content) - 2]:
        cut.write_bytes(content[:length])
        if name in OPEN_ENDED and content[:length].endswith(b"\n"):
            continue
        if content[length:].strip():
            with pytest.raises(ListRefused):
                read(cut)


@pytest.mark.parametrize("name", ["SDN.CSV", "ALT.CSV", "ADD.CSV"])
def test_an_ofac_file_must_have_its_end_mark(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    files = {path.name: path for path in sample("ofac-csv")}
    content = files[name].read_bytes()
    for length in range(0, len(content), 7):
        cut = tmp_path / name
        cut.write_bytes(content[:length])
        with pytest.raises(ListRefused):
            read(*[cut if path.name == name else path for path in files.values()])


def test_files_of_two_days_are_refused(sample: Sample, read: Read, tmp_path: Path) -> None:
    files = {path.name: path for path in sample("ofac-csv")}
    other = tmp_path / "ALT.CSV"
    other.write_bytes(files["ALT.CSV"].read_bytes().replace(b"2676,20", b"2677,20"))
    with pytest.raises(ListRefused, match="lacks the entry 2677 of the files beside it"):
        read(files["SDN.CSV"], other)
    with pytest.raises(ListRefused, match="a second file of entries"):
        read(files["SDN.CSV"], files["SDN.CSV"])
    with pytest.raises(ListRefused, match=r"without the file of entries \(SDN.CSV\)"):
        read(files["ALT.CSV"])


@pytest.mark.parametrize("name", SINGLE)
def test_packed_files_are_the_same_file(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    [whole] = sample(name)
    packed = tmp_path / "list.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    if name in PACKED:
        with pytest.raises(ListRefused, match="packed twice"):
            read(packed)
        return
    assert read(packed) == read(whole)
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.write(whole, "folder/inner.txt")
    assert read(tmp_path / "list.zip") == read(whole)
    for length in range(20, packed.stat().st_size, 97):
        (tmp_path / "cut.gz").write_bytes(packed.read_bytes()[:length])
        with pytest.raises(ListRefused):
            read(tmp_path / "cut.gz")


def test_four_files_in_one_archive(sample: Sample, read: Read, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sdn.zip", "w") as archive:
        for path in sample("ofac-csv"):
            archive.write(path, path.name)
    assert read(tmp_path / "sdn.zip") == read(*sample("ofac-csv"))


@pytest.mark.parametrize("name", [name for name in SINGLE if name not in PACKED])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_other_encodings_are_read_whole_or_refused(
    name: str, encoding: str, sample: Sample, read: Read, tmp_path: Path
) -> None:
    [whole] = sample(name)
    text = whole.read_bytes().decode("cp1252" if name == "ofsi-csv" else "utf-8")
    other = tmp_path / f"other{whole.suffix}"
    other.write_bytes(text.encode(encoding, "replace"))
    lossy = "?" in text.encode(encoding, "replace").decode(encoding).replace("<?", "").replace("?>", "")
    try:
        assert told(read(other)) == told(read(whole)) or lossy
    except ListRefused:
        assert encoding in ("cp1252", "utf-32") or (encoding.startswith("utf-16-") and name in XML)


@pytest.mark.parametrize("name", XML)
def test_a_document_type_is_refused(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    [whole] = sample(name)
    text = whole.read_text("utf-8")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(12))
    for declared, used in (
        ("<!DOCTYPE x>", ""),
        (f"<!DOCTYPE x [{bomb}]>", "&e11;"),
        (f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>', "&e;"),
        (f'<!DOCTYPE x SYSTEM "{secret.as_uri()}">', ""),
        (f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{secret.as_uri()}"> %e;]>', ""),
    ):
        changed = text.replace("?>", f"?>{declared}", 1)
        changed = re.sub(r">([A-Za-z]{4,})<", rf">\1{used}<", changed, count=1)
        (tmp_path / "list.xml").write_text(changed, "utf-8")
        with pytest.raises(ListRefused, match="document type"):
            read(tmp_path / "list.xml")


@pytest.mark.parametrize("name", XML)
def test_undeclared_entities_and_deep_nesting_are_refused(
    name: str, sample: Sample, read: Read, tmp_path: Path
) -> None:
    [whole] = sample(name)
    head, last, tail = whole.read_text("utf-8").rpartition("</")
    for extra in ("&nothing;", "<a>" * 100 + "</a>" * 100, "<a>" * 1_000_000):
        (tmp_path / "list.xml").write_text(head + extra + last + tail, "utf-8")
        with pytest.raises(ListRefused):
            read(tmp_path / "list.xml")


@pytest.mark.parametrize("name", ["ofac-xml", "ofac-advanced", "eu-xml", "un-xml", "uk-xml", "ch-xml"])
def test_elements_in_another_order_say_the_same(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    import xml.etree.ElementTree as ElementTree

    [whole] = sample(name)
    tree = ElementTree.parse(whole)
    order = random.Random(3)
    for element in tree.iter():
        # Names and their parts stand in an order that means something.
        if element.tag.rpartition("}")[2] not in ("sanctionEntity", "DocumentedName", "INDIVIDUAL", "akaList"):
            children = list(element)
            order.shuffle(children)
            element[:] = children
    tree.write(tmp_path / "list.xml", "utf-8", xml_declaration=True)

    def unordered(file: ListFile) -> Sequence[object]:
        return sorted(
            (x.uid, x.kind, sorted(n.name for n in x.names), sorted(x.programmes), sorted(x.birth_dates), x.details)
            for x in file.entries
        )

    assert unordered(read(tmp_path / "list.xml")) == unordered(read(whole))


@pytest.mark.parametrize("name", ["csl-csv", "uk-csv", "bis-denied-persons", "ofsi-csv"])
def test_columns_in_another_order_say_the_same(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    import csv

    [whole] = sample(name)
    encoding, delimiter = ("cp1252", ",") if name == "ofsi-csv" else ("utf-8", "\t" if name.startswith("bis") else ",")
    with whole.open(encoding=encoding, newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))
    width = max(map(len, rows))
    order = random.Random(5).sample(range(width), width)
    with (tmp_path / "list.txt").open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([row[place] for place in order] if len(row) == width else row for row in rows)
    assert told(read(tmp_path / "list.txt")) == told(read(whole))


def test_a_missing_or_double_column_is_named(sample: Sample, read: Read, tmp_path: Path) -> None:
    [whole] = sample("csl-csv")
    other = tmp_path / "csl.csv"
    other.write_text(whole.read_text("utf-8").replace(",programs,", ",programmes,"), "utf-8")
    with pytest.raises(ListRefused, match="has no column `programs`"):
        read(other)
    other.write_text(whole.read_text("utf-8").replace(",programs,", ",name,programs,", 1), "utf-8")
    with pytest.raises(ListRefused, match="has the column `name` twice"):
        read(other)


def test_a_wrong_count_is_refused(sample: Sample, read: Read, tmp_path: Path) -> None:
    for name, said, wrong in (
        ("ofac-xml", "<Record_Count>4<", "<Record_Count>5<"),
        ("ofac-json", '"entry_count": 2', '"entry_count": 3'),
        ("csl-compact", '"entryCount":3', '"entryCount":4'),
    ):
        [whole] = sample(name)
        (tmp_path / "list").write_text(whole.read_text("utf-8").replace(said, wrong), "utf-8")
        with pytest.raises(ListRefused, match="says it has"):
            read(tmp_path / "list")


def test_an_entry_listed_twice_is_refused(sample: Sample, read: Read, tmp_path: Path) -> None:
    [whole] = sample("un-xml")
    (tmp_path / "un.xml").write_text(whole.read_text("utf-8").replace("CDe.901", "CDi.901"), "utf-8")
    with pytest.raises(ListRefused, match=r"un.xml: has the entry CDi.901 twice"):
        read(tmp_path / "un.xml")


def test_the_day_is_asked_for_and_compared(sample: Sample) -> None:
    with pytest.raises(ListRefused, match="does not say when it was published; give the day"):
        read_list(*sample("csl-csv"))
    with pytest.raises(ListRefused, match="says it was published on 2024-05-07, not on 2024-05-08"):
        read_list(*sample("ofac-xml"), published=date(2024, 5, 8))
    assert read_list(*sample("ofac-xml"), published=date(2024, 5, 7)).published == date(2024, 5, 7)


def test_other_files_are_no_lists(read: Read, sample: Sample, tmp_path: Path) -> None:
    other = tmp_path / "file"
    for content in (
        b"",
        b"\n",
        b"hello",
        b"<html></html>",
        b'{"a": 1}',
        b"[1, 2]",
        b"a,b\n1,2\n",
        b"\x00" * 99,
        b"PK\x03\x04",
    ):
        other.write_bytes(content)
        with pytest.raises(ListRefused, match=r"^file"):
            read(other)
    with pytest.raises(ListRefused, match="there is no such file"):
        read(tmp_path / "nothing")
    with pytest.raises(ListRefused, match="other formats"):
        read(*sample("un-xml"), *sample("eu-xml"))
    with zipfile.ZipFile(tmp_path / "doc.zip", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>")
    with pytest.raises(ListRefused, match="no list known here"):
        read(tmp_path / "doc.zip")


def test_bombs_are_refused(tmp_path: Path) -> None:
    small = Limits(bytes=1 << 20)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b"<sdnList>" + b" " * (20 << 20)))
    with pytest.raises(ListRefused, match="unpacks to more than 1 MB"):
        read_list(bomb, limits=small)
    with pytest.raises(ListRefused, match="packed more than 200 to one"):
        read_list(bomb)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * (20 << 20))
    with pytest.raises(ListRefused, match="packed more than 200 to one"):
        read_list(tmp_path / "bomb.zip")
    (tmp_path / "twice.gz").write_bytes(gzip.compress(gzip.compress(b"<sdnList/>")))
    with pytest.raises(ListRefused, match="packed twice"):
        read_list(tmp_path / "twice.gz")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}.xml", b"<sdnList/>")
    with pytest.raises(ListRefused, match="1,000 files"):
        read_list(tmp_path / "many.zip")


def test_long_fields_lines_and_records_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "list"
    record = "<a/>" * 300_000
    for content, limits in (
        (f"<sdnList><sdnEntry><uid>{'1' * (2 << 20)}</uid></sdnEntry></sdnList>", Limits()),
        (f"<sdnList><sdnEntry>{record}</sdnEntry></sdnList>", Limits()),
        (
            "<sdnList>" + "<sdnEntry><uid>1</uid><lastName>A</lastName></sdnEntry>" * 20 + "</sdnList>",
            Limits(entries=10),
        ),
        ("36," + '"A",' * (2 << 20) + "\n", Limits()),
        ('{"results": [' + "[]," * 11_000_000 + "[]]}", Limits()),
        ('{"results": [{"source": ' + "[" * 100_000 + "]" * 100_000 + "}]}", Limits()),
        ('{"results": [{"name": NaN}]}', Limits()),
        ('{"id":"x","schema":"Person","properties":{"name":["a"]}}\n' + "[" * 10_000, Limits()),
    ):
        other.write_text(content)
        with pytest.raises(ListRefused):
            read_list(other, published=date(2024, 1, 1), limits=limits)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_damage_never_breaks_the_reader(name: str, sample: Sample, read: Read, tmp_path: Path) -> None:
    files = sample(name)
    chance = random.Random(name)
    for _ in range(40):
        damaged = []
        for path in files:
            content = bytearray(path.read_bytes())
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(content))
                match chance.randrange(4):
                    case 0:
                        content[place] = chance.randrange(256)
                    case 1:
                        del content[place : place + chance.randint(1, 50)]
                    case 2:
                        content[place:place] = content[place : place + 30]
                    case _:
                        content[place:place] = chance.choice(
                            [b"\x00", b'"', b"<", b",", b"\xff\xfe", b"]", b"\n", b"-1"]
                        )
            damaged.append(tmp_path / f"damaged-{path.name}")
            damaged[-1].write_bytes(content)
        try:
            assert read(*damaged).entries
        except ListRefused as refused:
            assert len(str(refused)) < 1_000
