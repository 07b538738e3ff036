"""`people` and `keys`: who may ask the server for what, and the keys they show it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from carveout.engine.cli.checking import JsonOption
from carveout.engine.cli.look import BAD_INPUT, clean, console, refuse
from carveout.engine.cli.reading import settings
from carveout.engine.cli.store_keeping import open_store, person

if TYPE_CHECKING:
    from carveout.engine.records.store import Store
    from carveout.engine.records.tokens import Sealer

people = typer.Typer(no_args_is_help=True, help="Who may ask the server for what.")
keys = typer.Typer(no_args_is_help=True, help="API keys, with which a program says whose it is.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the person.")]
RolesOption = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help="screener, analyst, author, approver, auditor or administrator."),
]


@contextmanager
def _opened() -> Iterator[Store]:
    """The store; what cannot be done is said, and left."""
    from carveout.engine.records.people import PeopleFault
    from carveout.engine.records.tokens import SealFault

    with open_store() as store:
        try:
            yield store
        except (PeopleFault, SealFault) as fault:
            refuse([str(fault)], BAD_INPUT)


def _sealer() -> Sealer:
    from carveout.engine.records.tokens import Sealer

    return Sealer.of(settings().home)


@people.command()
def add(
    id: IdArgument,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="How they are called.")],
    role: RolesOption = None,
    issuer: Annotated[str | None, typer.Option(help="The OpenID provider that vouches for them.")] = None,
    subject: Annotated[str | None, typer.Option(help="Their `sub` there.")] = None,
) -> None:
    """Enter a person. From the first one on the server answers nobody whom it does not know."""
    from carveout.engine.records.people import People, read_roles

    with _opened() as store:
        made = People(store).add(id, name, read_roles(role or []), person(), issuer=issuer, subject=subject)
        console().print(Text(f"{made.id} is entered: {_roles(made)}"))


@people.command("list")
def show(as_json: JsonOption = False) -> None:
    """Everybody, with their roles."""
    from carveout.engine.records.people import People

    with _opened() as store:
        found = People(store).all()
    if as_json:
        typer.echo(json.dumps([one.data() for one in found], ensure_ascii=False, indent=2))
        return
    _table(
        ("id", "name", "roles", "since", ""),
        [(p.id, p.name, _roles(p), p.created[:10], f"disabled {p.disabled[:10]}" if p.disabled else "") for p in found],
    )


@people.command("roles")
def set_roles(id: IdArgument, role: RolesOption = None) -> None:
    """Give a person exactly these roles; without --role, none."""
    from carveout.engine.records.people import People, read_roles

    with _opened() as store:
        console().print(Text(f"{id}: {_roles(People(store).set_roles(id, read_roles(role or []), person()))}"))


@people.command()
def disable(id: IdArgument) -> None:
    """From now on nothing of theirs works: keys, sessions, links."""
    from carveout.engine.records.people import People

    with _opened() as store:
        console().print(Text(f"{People(store).disable(id, person()).id} is disabled"))


@people.command()
def enable(id: IdArgument) -> None:
    """Let a person in again; keys and sessions of before stay dead."""
    from carveout.engine.records.people import People

    with _opened() as store:
        console().print(Text(f"{People(store).enable(id, person()).id} is let in again"))


@people.command()
def link(id: IdArgument) -> None:
    """A link with which a person signs in to the pages once, within a quarter of an hour."""
    from carveout.engine.records.sessions import Sessions

    with _opened() as store:
        token = Sessions(store, _sealer()).make_link(id, person())
    typer.echo(f"{settings().url or address(settings().host, settings().port)}/sign-in/link?token={token}")


@keys.command("create")
def create(
    id: IdArgument,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What the key is for.")],
    days: Annotated[int, typer.Option(help="How long it works.")] = 90,
) -> None:
    """Make a key. It is shown now and never again."""
    from carveout.engine.records.keys import Keys

    with _opened() as store:
        made, text = Keys(store, _sealer()).make(id, name, person(), days)
    typer.echo(text)
    typer.echo(f"of {made.person}, until {made.expires[:10]}; send it as `Authorization: Bearer ...`", err=True)


@keys.command("list")
def show_keys(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of one person.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The keys, newest first."""
    from carveout.engine.records.keys import Keys

    with _opened() as store:
        found = Keys(store, _sealer()).all(id)
    if as_json:
        typer.echo(json.dumps([one.data() for one in found], ensure_ascii=False, indent=2))
        return
    rows = [(k.id, k.person, k.name, k.expires[:10], "works" if k.works else "does not work") for k in found]
    _table(("id", "person", "for", "until", ""), rows)


@keys.command()
def revoke(id: Annotated[str, typer.Argument(metavar="KEY", help="The id of the key.")]) -> None:
    """From now on a key, and sessions begun with it, do not work."""
    from carveout.engine.records.keys import Keys

    with _opened() as store:
        console().print(Text(f"{Keys(store, _sealer()).revoke(id, person()).id} is revoked"))


def first_link(store: Store) -> str | None:
    """The token of a link that makes its user the administrator; None where there is one."""
    from carveout.engine.records.people import People
    from carveout.engine.records.sessions import Sessions
    from carveout.engine.records.store import SYSTEM

    return None if People(store).has_administrator() else Sessions(store, _sealer()).make_link(None, SYSTEM)


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the server."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def _roles(one: Any) -> str:
    return ", ".join(sorted(one.roles)) or "no role"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    console().print(table)
