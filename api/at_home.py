"""The lists and the ownership register that an engine asks, kept in step with the folder in which they are kept."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from fastapi.concurrency import run_in_threadpool

from carveout.api.problems import Problem
from carveout.engine import Engine
from carveout.engine.decide.kept import LISTS, KeptFault
from carveout.engine.parties.registers.home import FOLDER as OWNERS
from carveout.engine.parties.registers.home import StoreFault, open_owners
from carveout.engine.parties.snapshots.store import FILE as SNAPSHOTS
from carveout.engine.parties.watchlist.building import current

_log = logging.getLogger(__name__)
_State = tuple[tuple[str, int, int], ...]


class AtHome:
    """What is kept in a home, and whether the engine has it. Another process may change it at any time."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine, self.home = engine, home
        self._owners, self._lists = threading.Lock(), threading.Lock()
        self._owners_seen, self._lists_seen = self._owners_now(), self._lists_now()

    async def refresh(self) -> None:
        """Have the engine ask what is kept now. Raises Problem where the register is damaged.

        To look takes less than to hand it to a thread. The register is opened at once; lists are read beside, since
        that takes a while, and asked as soon as they are ready.
        """
        if self._owners_now() != self._owners_seen:
            await run_in_threadpool(self.refresh_owners)
        if self._lists_now() != self._lists_seen and not self._lists.locked():
            threading.Thread(target=self._refresh_lists, name="lists", daemon=True).start()

    def refresh_owners(self) -> None:
        """Open the register anew. Raises Problem where it is damaged."""
        with self._owners:
            seen = self._owners_now()
            if seen == self._owners_seen:
                return
            try:
                self.engine.use_owners(open_owners(self.home))
            except StoreFault as error:
                raise Problem(503, "bad-register", str(error)) from None
            self._owners_seen = seen

    def refresh_lists(self) -> None:
        """Read the lists anew and wait for it. Raises Problem where they cannot be used."""
        with self._lists:
            seen = self._lists_now()
            if seen == self._lists_seen:
                return
            try:
                self.engine.use_lists(current(self.home / LISTS, threshold=self.engine.subjects.threshold))
            except KeptFault as error:
                raise Problem(503, "no-lists", str(error)) from None
            self._lists_seen = seen

    def _refresh_lists(self) -> None:
        try:
            self.refresh_lists()
        except Problem as error:  # the engine goes on with the lists it has; their state is in every answer
            _log.error("the lists cannot be read anew: %s", error.detail)

    def _owners_now(self) -> _State:
        return _state(_files(self.home / OWNERS, ".owners"))

    def _lists_now(self) -> _State:
        store = str(self.home / LISTS / SNAPSHOTS)
        return _state([store, store + "-wal"])


def _files(folder: Path, ending: str) -> list[str]:
    try:
        return sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(ending))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _state(files: list[str]) -> _State:
    found = []
    for file in files:
        try:
            about = os.stat(file)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if about.st_size:
            found.append((file, about.st_mtime_ns, about.st_size))
    return tuple(found)
