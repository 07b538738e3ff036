"""The rule set that an engine decides under, kept in step with the changes that the store makes the law."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from fastapi.concurrency import run_in_threadpool

from carveout.api.problems import Problem
from carveout.engine import Engine
from carveout.engine.records.changes import Activation, Changes, since
from carveout.engine.records.database import StoreFault
from carveout.engine.records.ids import now
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.store import Store

EVERY_SECONDS = 0.25
MOST_READY = 4
"""Rule sets that are held made ready: that of now, and those that it may be at any moment, or was just before."""
_log = logging.getLogger(__name__)


class LawInForce:
    """Looks into the store several times a second, from the first request on, until it is closed.

    What is approved is made ready before it is activated, so that nobody waits for it at its moment. As long as no
    change was ever activated the engine keeps the rules it was given.
    """

    def __init__(self, engine: Engine, store: Callable[[], Store]) -> None:
        self.engine = engine
        self._store = store
        self._ready: dict[str, Engine] = {}
        self._taken: str | None = None
        """The version that the engine has from here; None: that of the folder."""
        self._coming: Sequence[Activation] = ()
        self._fault = ""
        self._looking, self._end = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    async def refresh(self) -> None:
        """Have the engine decide under the law of this moment. Raises Problem where that cannot be read."""
        if self._thread is None:
            await run_in_threadpool(self.begin)
        if self._due(now()) is not None:
            await run_in_threadpool(self.look)
        if self._fault:
            detail = "The rule set that is in force cannot be read here: nothing is decided under an older one."
            raise Problem(503, "no-rules", detail, headers={"Retry-After": "5"})

    def begin(self) -> None:
        """Look, and go on looking."""
        with self._looking:
            if self._thread is not None:
                return
            self._look()
            self._thread = threading.Thread(target=self._run, name="carveout-law", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Take up what is in force now, and make ready what may be next."""
        with self._looking:
            self._look()

    def _run(self) -> None:
        while not self._end.wait(EVERY_SECONDS):
            try:
                self.look()
            except Exception:  # whatever it is, the next look may find it mended, and must take place
                _log.exception("the law in force could not be looked up")

    def _look(self) -> None:
        try:
            changes = Changes(self._store())
            self._coming = changes.coming()
            approved = changes.ready()
        except StoreFault as fault:  # nothing is decided without the store: what it says next time counts
            _log.warning("the law in force cannot be looked up: %s", fault)
            return
        self._take(changes)
        for version in [*(activation.version for activation in self._coming), *approved][:MOST_READY]:
            try:
                self._made_ready(changes, version)
            except StoreFault as fault:
                _log.error("a change that is to come cannot be made ready: %s", fault)
            self._take(changes)

    def _take(self, changes: Changes) -> None:
        due = self._due(now())
        if due is None:
            self._fault = ""
            return
        try:
            self.engine.take(self._made_ready(changes, due))
        except StoreFault as fault:
            _log.error("the law in force: %s", fault)
            self._fault = str(fault)
            return
        self._taken, self._fault = due, ""

    def _due(self, time: str) -> str | None:
        """The version that is in force and not taken up yet."""
        standing = since(self._coming, time)
        if not standing or standing[0].at > time or standing[0].version == self._taken:
            return None
        return standing[0].version

    def _made_ready(self, changes: Changes, version: str) -> Engine:
        engine = self._ready.pop(version, None)
        if engine is None:
            if self._taken is None and RuleVersion.of(self.engine.rules).digest == version:
                engine = self.engine.pinned()
            else:
                engine = self.engine.under(changes.rules(version))
        self._ready[version] = engine  # the last one asked for stands last
        while len(self._ready) > MOST_READY:
            del self._ready[next(iter(self._ready))]
        return engine
