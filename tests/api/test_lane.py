"""Short work goes one after the other, passes what takes long, and whoever goes away takes nothing back."""

import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from carveout.api.lane import MOST_THREADS, Lane


def done(value: str) -> "Future[str]":
    future: Future[str] = Future()
    future.set_result(value)
    return future


def test_short_work_is_done_by_one_thread_in_order() -> None:
    lane, seen = Lane(), list[tuple[int, str]]()

    def work(number: int) -> "Future[str]":
        seen.append((number, threading.current_thread().name + str(threading.get_ident())))
        return done(str(number))

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(lane.run(work, number) for number in range(100)))

    assert asyncio.run(all_of_them()) == [str(number) for number in range(100)]
    assert [number for number, _ in seen] == list(range(100))
    assert len({thread for _, thread in seen}) == 1


def test_what_takes_long_is_passed() -> None:
    lane, free = Lane(), threading.Event()

    def long() -> "Future[str]":
        assert free.wait(60)
        return done("long")

    async def both() -> None:
        slow = [asyncio.create_task(lane.run(long)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert await asyncio.wait_for(lane.run(done, "short"), 30) == "short"
        assert not any(task.done() for task in slow)
        free.set()
        assert await asyncio.gather(*slow) == ["long"] * 3

    asyncio.run(both())
    assert len([t for t in threading.enumerate() if t.name == "carveout-lane"]) <= 2 * MOST_THREADS


def test_what_goes_wrong_is_raised_wherever_it_does() -> None:
    lane, later = Lane(), Future[str]()

    def broken() -> "Future[str]":
        raise KeyError("at once")

    def breaks() -> "Future[str]":
        threading.Timer(0.01, later.set_exception, [ValueError("later")]).start()
        return later

    async def ask() -> None:
        with pytest.raises(KeyError, match="at once"):
            await lane.run(broken)
        with pytest.raises(ValueError, match="later"):
            await lane.run(breaks)
        assert await lane.run(done, "it goes on") == "it goes on"

    asyncio.run(ask())


def test_whoever_goes_away_takes_nothing_back() -> None:
    lane, ended = Lane(), threading.Event()

    def work() -> "Future[str]":
        time.sleep(0.05)
        ended.set()
        return done("stored")

    async def ask() -> None:
        task = asyncio.create_task(lane.run(work))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await lane.run(done, "next") == "next"

    asyncio.run(ask())
    assert ended.is_set()
