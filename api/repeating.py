"""A request with an Idempotency-Key, sent again: the work is done once, and its first answer given again.

What the store keeps is written together with its key (`act`); what is kept beside the store (lists, the ownership
register) or not at all (names looked up) has its answer kept after it was done (`answer`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from carveout.api.problems import Problem
from carveout.api.store_keeping import Asking, Keeper
from carveout.api.tags import moved
from carveout.engine.records.chain import Entry
from carveout.engine.records.errands import AnsweredBefore, Errand, Holds, Moved, Tell
from carveout.engine.records.store import Answered, Store

Work = Callable[[], Awaitable[tuple[int, bytes, Entry | None]]]
"""Gives the status and the bytes of an answer, and the entry of the audit chain that it is worth. Raises Problem."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: its answer, and whether it was done now; `result` is what the work gave then."""

    answered: Answered
    now: bool
    result: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does through the journal; see `Errand`."""

    kind: str
    work: Callable[[Store], Any]
    tell: Tell
    status: int = 200
    holds: Holds | None = None


class Once:
    """Does the work of each key once: whoever sends it while that is under way waits, and is answered the same.

    Of two processes that are sent the same key at once both may do the work of `answer`, which changes nothing when
    done twice; the one that comes second to the store gives the answer of the first.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def act(self, asking: Asking, act: Act) -> Done:
        """Do something through the journal, or find what came of it. Raises Problem."""
        async with self._keeper.turn(asking) as before:
            if isinstance(before, Answered):
                return Done(before, False)
            return await self._keeper.ask(lambda store: _acted(store, asking, act))

    async def answer(self, asking: Asking, work: Work, *, entered: bool = True) -> Response:
        """The answer, of now or of the first time. Raises Problem; a request that was refused uses no key up.

        `entered`: the work is worth an entry, so that it is not begun where none can be written.
        """
        if entered:
            await self._keeper.ask(lambda store: None)
        async with self._keeper.turn(asking) as before:
            if isinstance(before, Answered):
                return _json(before.status, before.content)
            status, content, entry = await work()
            if asking.key is not None or entry is not None:
                found = await self._keeper.ask(lambda store: store.note_done(entry, asking.key, status, content))
                status, content = found.status, found.content
            return _json(status, content)


def _acted(store: Store, asking: Asking, act: Act) -> Done:
    errand = Errand(asking.person, asking.key, act.kind, act.tell, status=act.status, holds=act.holds)
    try:
        if act.holds is not None and not act.holds(store):
            raise Moved
        result = act.work(errand.on(store))
    except AnsweredBefore as again:
        return Done(again.answered, False)
    except (Moved, Problem) as refusal:
        # Another process may have done it since the key was looked up, and what is refused is to do it again.
        answered = store.answered(asking.key) if asking.key is not None else None
        if isinstance(answered, Answered):
            return Done(answered, False)
        raise (moved() if isinstance(refusal, Moved) else refusal) from None
    if errand.answered is None:
        raise RuntimeError(f"nothing of the kind {act.kind} was written")
    return Done(errand.answered, True, result)


def said_by(paths: list[Path], names: list[str]) -> bytes:
    """What tells one upload from another: the digest and the name of each file."""
    told = bytearray()
    for path, name in zip(paths, names, strict=True):
        with path.open("rb") as file:
            told += hashlib.file_digest(file, "sha256").digest() + name.encode("utf-8", "surrogatepass") + b"\0"
    return bytes(told)


def _json(status: int, content: bytes) -> Response:
    return Response(content, status, media_type="application/json")
