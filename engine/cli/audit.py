"""`audit`: the audit chain taken out, checked, and its heads kept elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from carveout.engine.cli.look import FAULT, clean, console, errors, refuse
from carveout.engine.cli.reading import settings
from carveout.engine.cli.store_keeping import open_store, person

audit = typer.Typer(no_args_is_help=True, help="The audit chain: take it out, check it, keep its heads elsewhere.")
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Else standard output.")]


@audit.command()
def export(output: OutputOption = None) -> None:
    """Write the whole chain, one entry a line; the export is an entry itself."""
    from carveout.engine.records.auditing import exported

    with open_store() as store:
        _write(exported(store, person()), output)


@audit.command()
def head(output: OutputOption = None) -> None:
    """Write the signed head: keep it where nobody who can write to the store can reach."""
    from carveout.engine.records.auditing import head_of

    with open_store() as store:
        _write([head_of(store).encode() + b"\n"], output)


@audit.command()
def verify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An exported chain; else the store.")] = None,
    kept: Annotated[
        Path | None, typer.Option("--head", metavar="HEAD", help="A head that was kept: then nothing can be missing.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="NAME", help="The key that the head must be signed with, by its name.")
    ] = None,
) -> None:
    """Check a chain to the byte; a FILE needs no store. Exit status: 0 whole, 1 changed, 2 unreadable."""
    from carveout.engine.records.auditing import lines_of, verify_lines, verify_store
    from carveout.engine.records.chain import Broken
    from carveout.engine.records.signing import KeyFault, read_head

    try:
        signed = read_head(kept.read_text(encoding="utf-8")) if kept else None
        if key is not None and (signed is None or signed.key != key):
            refuse([f"--key: {kept} is signed with {signed.key}" if signed else "--key: say the --head it signed"])
        if file is not None:
            with file.open("rb") as lines:
                found = verify_lines(lines, signed)
        else:
            with open_store() as store:
                found = verify_store(store)
                if signed is not None:
                    found = verify_lines(lines_of(store), signed)
    except Broken as broken:
        refuse([f"{file or 'the store'}: {broken}"], FAULT)
    except (KeyFault, UnicodeDecodeError) as fault:
        refuse([f"{kept}: {fault}"], FAULT)
    except OSError as error:
        refuse([f"{error.filename or file}: {error.strerror or error}"])
    out = console()
    out.print(f"whole: {found.tail.n} entries of chain {clean(found.tail.chain)}, {found.first} to {found.last}")
    out.print(f"last hash {found.tail.hash}")
    if found.head is None:
        errors().print("without a kept --head nobody can tell whether entries are missing from the end")
    else:
        out.print(f"signed at {clean(found.head.at)}, entry {found.head.tail.n}, with the key {found.head.key}")


@audit.command("rotate-key")
def rotate_key() -> None:
    """Sign with a new key from now on; servers take it up when they are started anew."""
    with open_store() as store:
        name = store.rotate_key(settings().home, person())
    console().print(f"signing key {name}; start the servers of this machine anew")


def _write(pieces: Iterable[bytes], output: Path | None) -> None:
    if output is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    try:
        with output.open("wb") as target:
            target.writelines(pieces)
    except OSError as error:
        refuse([f"{output}: {error.strerror or error}"])
