"""A change of one byte, a line gone or moved, an end cut off: each is found; and an untouched chain never is."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from carveout.engine import Engine
from carveout.engine.records import schema
from carveout.engine.records.auditing import exported, head_of, verify_lines, verify_store
from carveout.engine.records.chain import Broken, Entry, Tail
from carveout.engine.records.signing import KeyFault, Signer, make_key, read_head
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Write

pytestmark = pytest.mark.meaning

ENTRIES = 300


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """A signer with a key of its own."""
    return Signer.of(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def lines(signer: Signer) -> list[bytes]:
    """A chain as it is exported."""
    tail, made = Tail("0197b1f0-0000-7000-8000-000000000000"), []
    entries = [Entry("key", signer.name, "system", {"public": signer.public})]
    entries += [
        Entry("decision", f"id-{i}", "Ольга ٣", {"body": f"{i:064x}", "stated": "0" * 64, "outcome": "stop"})
        for i in range(ENTRIES - 1)
    ]
    for number, entry in enumerate(entries):
        tail, line = tail.follow(entry, f"2026-01-01T00:00:{number % 60:02}.000+00:00")
        made.append(line)
    return made


def is_found(lines: list[bytes], head: Any = None) -> bool:
    try:
        verify_lines(b"".join(lines).splitlines(keepends=True), head)
    except Broken:
        return True
    return False


def head(signer: Signer, lines: list[bytes]) -> Any:
    last = json.loads(lines[-1])
    return signer.head(Tail(last["chain"], last["n"], last["hash"]), "2026-01-02T00:00:00.000+00:00")


def test_an_untouched_chain_is_whole(lines: list[bytes], signer: Signer) -> None:
    found = verify_lines(lines, head(signer, lines))

    assert found.tail.n == ENTRIES and found.head is not None
    assert verify_lines(lines, head(signer, lines[:100])).tail.n == ENTRIES, "it grew since the head was kept"


def test_one_byte_changed_is_found_in_every_entry(lines: list[bytes]) -> None:
    chance = random.Random(4)
    for number, line in enumerate(lines):
        at, by = chance.randrange(len(line)), chance.randrange(1, 256)
        changed = line[:at] + bytes([line[at] ^ by]) + line[at + 1 :]
        # what comes after is left as it is, but is not needed to find the change, unless a line feed was made of it
        assert is_found([*lines[:number], changed]), (number, at, by)


def test_one_byte_changed_taken_away_or_put_in_is_found_at_every_position(lines: list[bytes]) -> None:
    chance = random.Random(5)
    for number in sorted(chance.sample(range(ENTRIES), 100)):
        line, before = lines[number], Tail("0197b1f0-0000-7000-8000-000000000000")
        if number:
            said = json.loads(lines[number - 1])
            before = Tail(said["chain"], said["n"], said["hash"])
        for at in range(len(line)):
            byte = bytes([line[at] ^ chance.randrange(1, 256)])
            for changed in (
                line[:at] + byte + line[at + 1 :],
                line[:at] + line[at + 1 :],
                line[:at] + b" " + line[at:],
            ):
                assert is_changed(changed, before), (number, at)


def is_changed(line: bytes, before: Tail) -> bool:
    """Is the change of a line found from where the chain was before it?"""
    from carveout.engine.records.chain import follow_lines

    try:
        list(follow_lines(line.splitlines(keepends=True), before))
    except Broken:
        return True
    return False


@pytest.mark.parametrize("number", [0, 1, 150, ENTRIES - 2])
def test_an_entry_gone_moved_or_doubled_is_found(lines: list[bytes], number: int) -> None:
    assert is_found(lines[:number] + lines[number + 1 :])
    assert is_found([*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]])
    assert is_found([*lines[: number + 1], *lines[number:]])


def test_what_is_gone_from_the_end_is_found_with_a_kept_head(lines: list[bytes], signer: Signer) -> None:
    kept = head(signer, lines)

    for left in (ENTRIES - 1, 200, 1):
        assert not is_found(lines[:left])
        assert is_found(lines[:left], kept)
    assert is_found([])


def test_a_chain_made_anew_is_found_with_a_kept_head(lines: list[bytes], signer: Signer) -> None:
    tail, forged = Tail("0197b1f0-0000-7000-8000-000000000000"), []
    for line in lines:
        said = json.loads(line)
        entry = Entry(said["kind"], said["of"], said["by"].replace("Ольга", "Anna"), said["data"])
        tail, made = tail.follow(entry, said["at"])
        forged.append(made)

    assert not is_found(forged), "by itself it is a chain like any other"
    assert is_found(forged, head(signer, lines))


def test_a_forged_head_is_refused(lines: list[bytes], signer: Signer, tmp_path: Path) -> None:
    good = head(signer, lines)
    assert read_head(good.text()) == good
    for change in ({"n": 5}, {"hash": "0" * 64}, {"at": "2027"}, {"signature": "AA=="}, {"key": "x"}, {"more": 1}):
        with pytest.raises(KeyFault):
            read_head(json.dumps({**json.loads(good.text()), **change}))
    make_key(tmp_path / "other.pem")
    stranger = Signer.read(tmp_path / "other.pem")
    assert is_found(lines, head(stranger, lines)), "signed well, but with a key that the chain does not name"


def test_what_is_no_chain_is_said_with_its_line(lines: list[bytes]) -> None:
    for bad, words in (
        (b"\xff\n", "no JSON"), (b"[]\n", "no entry"), (b"{}\n", "no entry"), (lines[1][:-1], "cut off"),
        (b"[" * 100_000 + b"\n", "no JSON"), (b" " + lines[1], "other bytes"),
        (lines[1].replace(b'"n":2', b'"n":true'), "no entry"),
    ):  # fmt: skip
        with pytest.raises(Broken, match=f"line 2: .*{words}"):
            verify_lines([lines[0], bad])


def test_a_store_checks_itself(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    decision = engine.check(part)
    for _ in range(3):
        kept = store.keep(engine.rules, part, decision, person="me").result()
    head_before = read_head(head_of(store))

    assert verify_store(store).tail.n == kept.n
    taken_out = list(exported(store, "auditor"))
    assert verify_lines(taken_out, head_before).tail.n == kept.n + 1
    assert json.loads(taken_out[-1])["kind"] == "export"

    with store.database.writing() as connection:
        connection.execute(update(schema.decisions).filter_by(id=kept.envelope.id).values(outcome="stop"))
    with pytest.raises(Broken, match=kept.envelope.id):
        verify_store(store)
    with store.database.writing() as connection:
        connection.execute(text(f"DELETE FROM decisions WHERE id = '{kept.envelope.id}'"))
    with pytest.raises(Broken, match="1 decisions of the chain are not in the store"):
        verify_store(store)


def test_a_key_is_rotated_and_the_old_one_vouches_for_the_new(store: Store, tmp_path: Path) -> None:
    old = store.signer.name

    new = store.rotate_key(tmp_path / "home", "admin")

    assert new != old and Signer.of(tmp_path / "home").name == new
    again = Store.open(tmp_path / "home", store.database.engine.url.render_as_string(hide_password=False))
    try:
        again.note("sign-in", None, "me", {})
        assert read_head(head_of(again)).key == new
        assert verify_store(again).tail.n == 3
        forged = {"public": again.signer.public, "after": old, "signature": again.signer.sign({"any": "thing"})}
        again.journal.write(Write(entries=[Entry("key", new, "thief", forged)]))
        with pytest.raises(Broken, match="cannot be trusted"):
            verify_store(again)
    finally:
        again.close()


def test_the_key_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    Signer.of(tmp_path)
    assert (tmp_path / "audit-key.pem").stat().st_mode & 0o077 == 0
    (tmp_path / "audit-key.pem").write_text("no key")
    with pytest.raises(KeyFault, match=r"audit-key\.pem: is no private key"):
        Signer.of(tmp_path)
