"""The watch of one application: in threads beside the requests, and in step with all that is kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from carveout.api.at_home import AtHome
from carveout.api.law_in_force import LawInForce
from carveout.api.problems import Problem
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper
from carveout.engine import Engine
from carveout.engine.analyse.delivering import client, deliver
from carveout.engine.analyse.watch import Overtaken, Round, Watch
from carveout.engine.records.database import FILE, StoreFault
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer, SealFault

EVERY_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Watching:
    """Looks every second whether something changed, and sends what is on its way to webhooks."""

    def __init__(self, engine: Engine, keeper: Keeper, law: LawInForce, at_home: AtHome, settings: Settings) -> None:
        self.engine, self._keeper, self._law, self._at_home = engine, keeper, law, at_home
        self._settings = settings
        self._made: tuple[Store, Watch] | None = None
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []
        self._said: dict[str, str] = {}

    def begin(self) -> None:
        """Look, and go on looking."""
        for name, work in (("watch", self.look), ("webhooks", self.send)):
            thread = threading.Thread(target=self._run, args=(name, work), name=f"carveout-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Look no more; a round that is under way is done again by whoever looks next."""
        self._end.set()
        for thread in self._threads:
            thread.join()
        if self._made is not None and self._threads:
            try:
                self._made[1].turn.leave()
            except StoreFault as fault:  # then it ends by itself
                _log.warning("the watch: %s", fault)

    def of(self, store: Store) -> Watch:
        """The watch of a store."""
        if self._made is None or self._made[0] is not store:
            self._made = store, Watch(store, self._in_step)
        return self._made[1]

    def look(self, moment: int | None = None) -> Round | None:
        """Ask about the portfolio again if something changed. Raises StoreFault, Problem, Overtaken."""
        found = self.of(self._keeper.store).look(moment, self._end.is_set)
        if found is not None and found.changed:
            _log.warning(
                "%d of %d answers about the portfolio are others: see the alerts", found.changed, found.entries
            )
        return found

    def send(self) -> None:
        """Send what is on its way. Raises StoreFault, SealFault."""
        store = self._keeper.store
        with client() as using:
            while deliver(store, Sealer.of(self._settings.home), using) and not self._end.is_set():
                pass

    def _in_step(self) -> Engine:
        self._at_home.refresh_lists()
        self._at_home.refresh_owners()
        self._law.look()
        self._keeper.in_step()
        return self.engine

    def _run(self, name: str, work: Callable[[], object]) -> None:
        while not self._end.wait(EVERY_SECONDS):
            if not self._settings.database and not (self._settings.home / FILE).exists():
                continue  # nothing is kept yet
            try:
                work()
                said = ""
            except Overtaken:
                continue
            except Problem as problem:
                said = str(problem.detail)
            except (StoreFault, SealFault) as fault:
                said = str(fault)
            except Exception:  # whatever it is, the next look must take place
                _log.exception("the %s", name)
                continue
            if said and said != self._said.get(name):
                _log.error("the %s: %s", name, said)
            self._said[name] = said
