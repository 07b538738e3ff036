"""What is decided over HTTP is stored before it is answered; what cannot be stored is not answered."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from carveout.api import metrics
from carveout.api.persons import person_of
from carveout.api.problems import Problem, problem_response
from carveout.api.settings import Settings
from carveout.engine import Decision, Engine
from carveout.engine.records.adjudications import mark, read
from carveout.engine.records.canonical import digest
from carveout.engine.records.database import StoreFault
from carveout.engine.records.decisions import Kept
from carveout.engine.records.journal import Coming
from carveout.engine.records.store import Answered, KeyUsed, Store
from carveout.engine.records.writes import Key

KEY_HEADER = "idempotency-key"
LONGEST_KEY = 255
NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
RETRY_SECONDS = "5"
TURN_SECONDS = 1.0
"""How long a request waits for another with the same key that is under way."""
_log = logging.getLogger(__name__)
_T = TypeVar("_T")

KEY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "sent again with the same request, the first answer is given again and nothing is stored twice",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
"""For the OpenAPI entry of a route that takes a key."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and the Idempotency-Key if there is one."""

    person: str
    key: Key | None = None


class Keeper:
    """The store of one application, opened when it is first needed and again after it was gone."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self._settings = settings
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._answers_seen: tuple[int, int] = (0, 0)
        self._answers = threading.Lock()
        self._looked = -math.inf
        """When the latest look at the answers was begun that the engine has taken up."""
        self._under_way: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def store(self) -> Store:
        """The store, open. Raises StoreFault."""
        with self._lock:
            if self._store is None:
                self._store = Store.open(self._settings.home, self._settings.database)
            return self._store

    def close(self) -> None:
        """Finish what is waiting."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = None

    async def ask(self, work: Callable[[Store], _T]) -> _T:
        """What comes of some work with the store, in a thread. Raises Problem."""
        return await run_in_threadpool(self.ask_now, work)

    def ask_now(self, work: Callable[[Store], _T]) -> _T:
        """The same in this thread."""
        try:
            return work(self.store)
        except (StoreFault, KeyUsed) as fault:
            raise problem_of(fault) from fault

    def announce(self) -> Coming | None:
        """Say that a decision is on its way; None while no store is open."""
        store = self._store
        return None if store is None else store.journal.announce()

    def keep(
        self, engine: Engine, transaction: Any, decision: Decision, asking: Asking, coming: Coming | None = None
    ) -> Future[Kept]:
        """Hand a decision of a pinned engine to the store. Raises StoreFault, also from the future."""
        rules = engine.rules
        metrics.decided(decision.outcome)
        return self.store.keep(rules, transaction, decision, person=asking.person, key=asking.key, coming=coming)

    def keep_now(self, engine: Engine, transaction: Any, decision: Decision, asking: Asking) -> Kept:
        """Store a decision and wait for it. Raises Problem."""
        try:
            return self.keep(engine, transaction, decision, asking).result()
        except (StoreFault, KeyUsed) as fault:
            raise problem_of(fault) from fault

    def in_step(self, asked: float | None = None) -> None:
        """Have the engine settle who parties are by the answers kept now; before each decision. Raises Problem.

        `asked` (of `time.monotonic`): when the decision was asked for. Any answer given before is known by a look that
        began later, so that checks that wait for each other are content with one.
        """
        if asked is None or self._looked <= asked:
            self.ask_now(self._in_step)

    def _in_step(self, store: Store) -> None:
        begun = time.monotonic()
        if mark(store) == self._answers_seen:
            self._looked = max(self._looked, begun)
            return
        with self._answers:
            begun = time.monotonic()
            seen = mark(store)
            if seen != self._answers_seen:
                self.engine.use_answers(read(store))
                self._answers_seen = seen
            self._looked = max(self._looked, begun)

    @asynccontextmanager
    async def turn(self, asking: Asking) -> AsyncIterator[Kept | Answered | None]:
        """Have a key to oneself, in this process; what it was answered with before, perhaps just now.

        Raises Problem, 409 where the first is not done with it in TURN_SECONDS.
        """
        if asking.key is None:
            yield None
            return
        name = (asking.key.person, asking.key.key)
        lock = self._under_way.get(name)
        if lock is None:
            lock = self._under_way[name] = asyncio.Lock()
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await lock.acquire()
        except TimeoutError:
            detail = "What was sent with this Idempotency-Key first is still being done: send it again in a while."
            raise Problem(409, "key-under-way", detail, headers={"Retry-After": RETRY_SECONDS}) from None
        try:
            yield await self.before(asking)
        finally:
            lock.release()

    async def before(self, asking: Asking) -> Kept | Answered | None:
        """What the key was answered with before. Raises Problem."""
        key = asking.key
        return None if key is None else await self.ask(lambda store: store.answered(key))


def asking_of(request: Request, body: bytes) -> Asking:
    """Who asks for what. Raises Problem for a key that is none."""
    person = person_of(request)
    stated = request.headers.getlist(KEY_HEADER)
    if not stated:
        return Asking(person)
    text = stated[0]
    if len(stated) > 1 or not 0 < len(text) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in text):
        message = f"is 1 to {LONGEST_KEY} printable ASCII characters without a space, once"
        raise Problem(422, "bad-parameter", "1 parameter to put right", [("Idempotency-Key", message)])
    kind = request.headers.get("content-type", "").partition(";")[0]  # a form's boundary is another each time
    # Never `request.url`, which is made of the header Host too.
    path, query = request.scope["path"], request.scope.get("query_string", b"").decode("latin-1")
    said = hashlib.sha256(f"{request.method} {path}?{query}\n{kind}\n".encode("utf-8", "surrogatepass"))
    said.update(body)
    return Asking(person, Key(person, digest(text.encode()), said.hexdigest()))


def no_room(_: Request, error: OSError) -> Response:
    """The answer where a file could not be written for want of room; any other fault is raised on."""
    if error.errno not in NO_ROOM:
        raise error
    _log.error("no room on the disk: %s", errno.errorcode.get(error.errno or 0))
    detail = "There is no room for it here: nothing was stored. Try again later, with the same Idempotency-Key."
    return problem_response(503, "not-stored", detail, headers={"Retry-After": RETRY_SECONDS})


def problem_of(fault: StoreFault | KeyUsed) -> Problem:
    """The problem of what cannot be stored or found."""
    if isinstance(fault, KeyUsed):
        return Problem(422, "key-used", "Take a new key for a new request.")
    _log.error("the store: %s", fault)
    detail = "Try again later, with the same Idempotency-Key. Whoever runs this server finds the cause in its log."
    return Problem(503, "not-stored", detail, headers={"Retry-After": RETRY_SECONDS})
