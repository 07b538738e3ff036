"""A request with an Idempotency-Key, sent again: the work is done once, and its first answer given again.

For what is kept beside the store (lists, the ownership register) or not at all (names looked up); what the store keeps
is written there together with its key.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from starlette.responses import Response

from carveout.api.store_keeping import Asking, Keeper
from carveout.engine.records.chain import Entry
from carveout.engine.records.store import Answered

Work = Callable[[], Awaitable[tuple[int, bytes, Entry | None]]]
"""Gives the status and the bytes of an answer, and the entry of the audit chain that it is worth. Raises Problem."""
_CHUNK = 1 << 20


class Once:
    """Does the work of each key once: whoever sends it while that is under way waits, and is answered the same.

    Of two processes that are sent the same key at once both may do the work, which changes nothing when done twice;
    the one that comes second to the store gives the answer of the first.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._under_way: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def answer(self, asking: Asking, work: Work, *, entered: bool = True) -> Response:
        """The answer, of now or of the first time. Raises Problem; a request that was refused uses no key up.

        `entered`: the work is worth an entry, so that it is not begun where none can be written.
        """
        if entered:
            await self._keeper.ask(lambda store: None)
        if asking.key is None:
            return await self._done(asking, work)
        name = (asking.key.person, asking.key.key)
        lock = self._under_way.get(name)
        if lock is None:
            lock = self._under_way[name] = asyncio.Lock()
        async with lock:
            before = await self._keeper.before(asking)
            if isinstance(before, Answered):
                return _json(before.status, before.content)
            return await self._done(asking, work)

    async def _done(self, asking: Asking, work: Work) -> Response:
        status, content, entry = await work()
        if asking.key is not None or entry is not None:
            found = await self._keeper.ask(lambda store: store.note_done(entry, asking.key, status, content))
            status, content = found.status, found.content
        return _json(status, content)


def said_by(paths: list[Path], names: list[str]) -> bytes:
    """What tells one upload from another: the digest and the name of each file."""
    told = bytearray()
    for path, name in zip(paths, names, strict=True):
        with path.open("rb") as file:
            told += hashlib.file_digest(file, "sha256").digest() + name.encode("utf-8", "surrogatepass") + b"\0"
    return bytes(told)


def _json(status: int, content: bytes) -> Response:
    return Response(content, status, media_type="application/json")
