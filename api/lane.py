"""The lane in which checks are decided: one after the other, and past one that takes long.

Deciding is work of the processor, and Python does one thing at a time. Many threads at it only take turns, hold up the
thread that stores, and answer none of them earlier. So one thread decides; another helps out as soon as one decision
keeps the others waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

LONG_SECONDS = 0.05
"""What takes longer is passed."""
MOST_THREADS = 16
IDLE_SECONDS = 5.0
"""After so long without work a thread ends."""
_T = TypeVar("_T")
_Job = tuple[Callable[[], Any], Callable[[Any, BaseException | None], None]]


class Lane:
    """Runs work in threads, mostly in one. Safe to use from several event loops."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._begun = 0.0
        """When something was begun last."""

    def __len__(self) -> int:
        """How much waits to be begun."""
        return self._jobs.qsize()

    async def run(self, work: Callable[..., Future[_T]], *arguments: Any) -> _T:
        """What becomes of the future that some work gives, once that is done. Raises what the work or the future does.

        Whoever waits may go away: what is under way is brought to its end.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[_T] = loop.create_future()

        def tell(result: Any, error: BaseException | None) -> None:
            if waiting.done():  # nobody waits any more
                return
            if error is None:
                waiting.set_result(result)
            else:
                waiting.set_exception(error)

        def answer(result: Any, error: BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(tell, result, error)

        context = contextvars.copy_context()
        self._jobs.put((lambda: context.run(work, *arguments), answer))
        if self._threads == 0:
            self._start(0)
        timer = loop.call_later(LONG_SECONDS, self._help, loop, waiting)
        try:
            return await waiting
        finally:
            timer.cancel()

    def _help(self, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[Any]) -> None:
        if waiting.done():
            return
        if len(self) and time.monotonic() - self._begun > LONG_SECONDS:
            self._start(self._threads)
        loop.call_later(LONG_SECONDS, self._help, loop, waiting)

    def _start(self, seen: int) -> None:
        with self._lock:
            if self._threads != seen or seen >= MOST_THREADS:
                return  # somebody else just did
            self._threads += 1
        threading.Thread(target=self._work, name="carveout-lane", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                work, answer = self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._threads -= 1
                        return
                continue
            self._begun = time.monotonic()
            try:
                future = work()
            except BaseException as error:
                answer(None, error)
            else:
                future.add_done_callback(lambda done, answer=answer: _hand_on(done, answer))
            del work, answer


def _hand_on(done: Future[Any], answer: Callable[[Any, BaseException | None], None]) -> None:
    error = done.exception()
    answer(None if error else done.result(), error)
