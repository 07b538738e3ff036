"""Persons, keys, sessions and links as they are stored, on SQLite and PostgreSQL."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from carveout.engine.records import sessions as about_sessions
from carveout.engine.records.auditing import lines_of, verify_store
from carveout.engine.records.ids import later, now
from carveout.engine.records.keys import MOST_DAYS, MOST_KEYS, Keys
from carveout.engine.records.people import People, PeopleFault, Role, Unknown, read_roles
from carveout.engine.records.schema import keys, links, metadata, sessions
from carveout.engine.records.sessions import IDLE, Sessions, bound_to
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer, SealFault, holds_key, id_of, new_token

ADMINISTRATOR, ANALYST = Role.ADMINISTRATOR, Role.ANALYST
HERE = bound_to("127.0.0.1:8000", "a browser")


@pytest.fixture
def people(store: Store) -> People:
    return People(store)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer.of(tmp_path / "home")


@pytest.fixture
def api_keys(store: Store, sealer: Sealer) -> Keys:
    return Keys(store, sealer)


@pytest.fixture
def signed(store: Store, sealer: Sealer) -> Sessions:
    return Sessions(store, sealer)


def entries(store: Store, kind: str) -> list[dict[str, Any]]:
    """What the audit chain says of a kind: by whom, of what, what changed."""
    return [entry for line in lines_of(store) if (entry := json.loads(line))["kind"] == kind]


def test_a_person_is_entered_changed_and_disabled_and_the_chain_says_so(store: Store, people: People) -> None:
    assert not people.anybody()
    people.add("ann", " Ann Example ", [ANALYST, Role.SCREENER], "os:x")
    people.set_roles("ann", [Role.AUDITOR], "boss")
    people.rename("ann", "Ann Other", "boss")
    people.disable("ann", "boss")
    back = people.enable("ann", "boss")

    assert people.anybody() and people.all() == [back]
    assert back.name == "Ann Other" and back.roles == {Role.AUDITOR} and back.disabled is None
    assert back.has(Role.AUDITOR, Role.AUTHOR) and not back.has(ANALYST)
    said = [(e["by"], e["of"], e["data"]["change"]) for e in entries(store, "person")]
    assert said == [
        ("os:x", "ann", "added"),
        *(("boss", "ann", x) for x in ("roles", "renamed", "disabled", "enabled")),
    ]
    assert "Example" not in b"".join(lines_of(store)).decode(), "the chain has no names"
    assert verify_store(store).tail.n == len(list(lines_of(store)))


@pytest.mark.parametrize("id", ["", "Ann", "a b", "local", "system", "os:x", "a" * 65, ".a", "é", "a\n"])
def test_what_cannot_be_an_id(people: People, id: str) -> None:
    with pytest.raises(PeopleFault, match="cannot be an id"):
        people.add(id, "Ann", [], "x")


def test_what_cannot_be_entered(people: People) -> None:
    people.add("ann", "Ann", [], "x", issuer="https://idp.example", subject="1")
    for id, name, more in [
        ("ann", "Other", {}),
        ("bob", "", {}),
        ("bob", "B\x1b[2J", {}),
        ("bob", "Bob", {"issuer": "https://idp.example"}),
        ("bob", "Bob", {"issuer": "https://idp.example", "subject": "1"}),
    ]:
        with pytest.raises(PeopleFault):
            people.add(id, name, [], "x", **more)
    with pytest.raises(PeopleFault, match="is no role"):
        read_roles(["king"])
    with pytest.raises(Unknown):
        people.get("bob")
    found = people.of_subject("https://idp.example", "1")
    assert found is not None and found.id == "ann" and people.of_subject("https://other.example", "1") is None


def test_the_last_administrator_stays_one(people: People) -> None:
    people.add("ann", "Ann", [ADMINISTRATOR, ANALYST], "x")
    people.add("bob", "Bob", [ADMINISTRATOR], "x")
    people.disable("bob", "ann")

    with pytest.raises(PeopleFault, match="last administrator"):
        people.disable("ann", "ann")
    with pytest.raises(PeopleFault, match="last administrator"):
        people.set_roles("ann", [ANALYST], "ann")
    people.enable("bob", "ann")
    assert people.set_roles("ann", [ANALYST], "ann").roles == {ANALYST}


def test_two_administrators_cannot_disable_each_other_at_once(open_store: Callable[[], Store]) -> None:
    for number in range(5):
        one, other = People(open_store()), People(open_store())
        ids = [f"a{number}", f"b{number}"]
        for person in one.all():
            if person.disabled is None:
                one.set_roles(person.id, [ADMINISTRATOR], "x")
        for id in ids:
            one.add(id, id, [ADMINISTRATOR], "x")
        for person in one.all():
            if person.id not in ids and person.disabled is None:
                one.disable(person.id, "x")

        def disable(who: People, id: str) -> bool:
            try:
                who.disable(id, "x")
            except PeopleFault:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(disable, (one, other), ids))
        assert sorted(done) == [False, True] and one.has_administrator()


def test_a_key_says_who_somebody_is_until_it_is_revoked(store: Store, people: People, api_keys: Keys) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    key, shown = api_keys.make("ann", "the night job", "ann")

    found = api_keys.find(shown)

    assert found is not None and found[0].id == key.id and found[1].id == "ann" and shown.startswith(f"cvk_{key.id}_")
    assert api_keys.get(key.id).used is not None
    with store.database.reading() as connection:
        everything = str([connection.execute(table.select()).all() for table in metadata.sorted_tables])
    assert shown not in everything and shown.rpartition("_")[2] not in everything
    api_keys.revoke(key.id, "boss")
    assert api_keys.find(shown) is None and not api_keys.get(key.id).works
    assert [e["data"]["change"] for e in entries(store, "api-key")] == ["made", "revoked"]
    assert shown.rpartition("_")[2] not in b"".join(lines_of(store)).decode()


def test_a_forged_key_is_nobodys(store: Store, people: People, api_keys: Keys, tmp_path: Path) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    _, shown = api_keys.make("ann", "k", "ann")
    last = "b" if shown[-1] == "a" else "a"
    forged = [shown[:-1] + last, shown + "a", shown[:-1], shown.swapcase(), new_token("key").text, "", "cvk_", "é" * 60]
    forged += [shown.replace("cvk_", "cvs_"), f" {shown}", f"{shown}\n"]

    assert all(api_keys.find(text) is None for text in forged)
    stranger = Sealer.of(tmp_path / "elsewhere")
    assert Keys(store, stranger).find(shown) is None, "another secret: who can write the store cannot make a key"
    with store.database.writing() as connection:
        connection.execute(update(keys).values(hash=stranger.seal(shown)))
    assert api_keys.find(shown) is None


def test_a_key_runs_out_and_dies_with_its_person(store: Store, people: People, api_keys: Keys) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    (old, shown_old), (_, shown) = api_keys.make("ann", "old", "ann", 1), api_keys.make("ann", "new", "ann", MOST_DAYS)
    with store.database.writing() as connection:
        connection.execute(update(keys).where(keys.c.id == old.id).values(expires=later(now(), -1)))

    assert api_keys.find(shown_old) is None and api_keys.find(shown) is not None
    people.disable("ann", "x")
    assert api_keys.find(shown) is None
    people.enable("ann", "x")
    assert api_keys.find(shown) is None, "what was dead stays dead"


def test_keys_are_bounded(people: People, api_keys: Keys) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    for days in (0, MOST_DAYS + 1):
        with pytest.raises(PeopleFault):
            api_keys.make("ann", "k", "ann", days)
    with pytest.raises(Unknown):
        api_keys.make("bob", "k", "ann")
    for _ in range(MOST_KEYS):
        api_keys.make("ann", "k", "ann")
    with pytest.raises(PeopleFault, match="revoke some"):
        api_keys.make("ann", "k", "ann")


def test_a_session_ends_by_itself_or_is_ended(
    store: Store, people: People, signed: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    tokens = [signed.begin("ann", "openid", HERE) for _ in range(3)]
    assert all(signed.find(token, HERE) for token in tokens)

    assert signed.end(str(id_of("session", tokens[0])), "ann") and signed.find(tokens[0], HERE) is None
    assert not signed.end(str(id_of("session", tokens[0])), "ann"), "once"
    assert signed.end_all("ann", "boss") == 2 and not any(signed.find(token, HERE) for token in tokens)
    idle, long = signed.begin("ann", "openid", HERE), signed.begin("ann", "openid", HERE)
    with store.database.writing() as connection:
        connection.execute(
            update(sessions).where(sessions.c.id == id_of("session", idle)).values(seen=later(now(), -IDLE))
        )
        connection.execute(update(sessions).where(sessions.c.id == id_of("session", long)).values(expires=now()))
    assert signed.find(idle, HERE) is None and signed.find(long, HERE) is None


def test_a_session_in_use_does_not_run_idle(store: Store, people: People, signed: Sessions) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    token = signed.begin("ann", "openid", HERE)
    with store.database.writing() as connection:
        connection.execute(update(sessions).values(seen=later(now(), -IDLE + 10)))

    found = signed.find(token, HERE)

    assert found is not None and signed.all("ann")[0].seen > later(now(), -60)


def test_a_stolen_session_is_ended(store: Store, people: People, signed: Sessions) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    token = signed.begin("ann", "openid", HERE)

    assert signed.find(token, bound_to("127.0.0.1:8000", "another browser")) is None
    assert signed.find(token, HERE) is None, "for its owner too: they sign in again, and the chain says why"
    assert entries(store, "session")[-1]["data"]["change"] == "shown from elsewhere"


def test_a_session_dies_with_the_key_it_was_begun_with(people: People, api_keys: Keys, signed: Sessions) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    key, _ = api_keys.make("ann", "k", "ann")
    token = signed.begin("ann", "key", HERE, key.id)

    assert signed.find(token, HERE) is not None
    api_keys.revoke(key.id, "ann")
    assert signed.find(token, HERE) is None


def test_nobody_who_is_disabled_is_signed_in(people: People, signed: Sessions) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    token = signed.begin("ann", "openid", HERE)
    people.disable("ann", "x")

    assert signed.find(token, HERE) is None
    for id in ("ann", "bob"):
        with pytest.raises(PeopleFault):
            signed.begin(id, "openid", HERE)
    with pytest.raises(PeopleFault):
        signed.make_link("ann", "x")


def test_the_first_link_makes_the_first_administrator_once(store: Store, people: People, signed: Sessions) -> None:
    link = signed.make_link(None, "system")
    token, person = signed.use_link(link, HERE)

    found = signed.find(token, HERE)
    assert found is not None and found[1] == people.get(person) and found[1].roles == {ADMINISTRATOR}
    with pytest.raises(PeopleFault, match="was used"):
        signed.use_link(link, HERE)
    with pytest.raises(PeopleFault, match="administrator already"):
        signed.make_link(None, "system")
    assert [e["data"]["change"] for e in entries(store, "person")] == ["added"]


def test_a_first_link_is_void_once_there_is_an_administrator(people: People, signed: Sessions) -> None:
    link = signed.make_link(None, "system")
    people.add("ann", "Ann", [ADMINISTRATOR], "os:x")

    with pytest.raises(PeopleFault):
        signed.use_link(link, HERE)
    assert [person.id for person in people.all()] == ["ann"]


def test_a_link_runs_out_and_a_newer_one_makes_it_void(store: Store, people: People, signed: Sessions) -> None:
    people.add("ann", "Ann", [ANALYST], "x")
    old, new = signed.make_link("ann", "x"), signed.make_link("ann", "x")
    for text_ in (old, new[:-1] + ("b" if new[-1] == "a" else "a"), "", new_token("link").text):
        with pytest.raises(PeopleFault):
            signed.use_link(text_, HERE)
    assert signed.use_link(new, HERE)[1] == "ann"
    late = signed.make_link("ann", "x")
    with store.database.writing() as connection:
        connection.execute(update(links).values(expires=now()))
    with pytest.raises(PeopleFault):
        signed.use_link(late, HERE)


def test_a_link_used_by_many_at_once_signs_one_in(open_store: Callable[[], Store], sealer: Sealer) -> None:
    stores = [open_store() for _ in range(4)]
    People(stores[0]).add("ann", "Ann", [ANALYST], "x")
    link = Sessions(stores[0], sealer).make_link("ann", "x")

    def use(store: Store) -> bool:
        try:
            Sessions(store, sealer).use_link(link, HERE)
        except PeopleFault:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, stores)) == [False, False, False, True]
    assert len(Sessions(stores[0], sealer).all("ann")) == 1


def test_the_secret_of_tokens_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    one, other = Sealer.of(tmp_path), Sealer.of(tmp_path)
    path = tmp_path / "token-key"

    assert one.name == other.name and one.seal("x") == other.seal("x") and path.stat().st_mode & 0o077 == 0
    assert one.derived("a") != one.derived("b")
    for bad in ("", "xyz", path.read_text() + "0"):
        path.write_text(bad)
        with pytest.raises(SealFault, match="token-key"):
            Sealer.of(tmp_path)


def test_a_key_in_an_address_is_seen() -> None:
    key, session, link = (new_token(kind).text for kind in ("key", "session", "link"))

    assert holds_key(f"/v1/rules?key={key}") and holds_key(f"/{session}") and holds_key(key.replace("_", "%5F"))
    assert holds_key(key.replace("_", "%255f")) and not holds_key(f"/sign-in?link={link}") and not holds_key("/cvk_x")


def test_the_times_that_the_documents_name() -> None:
    assert (about_sessions.IDLE, about_sessions.LONGEST, about_sessions.LINK_SECONDS) == (3_600, 43_200, 900)
