"""The peer of benchmarks/serving.py: a FastAPI endpoint that only validates its body and inserts one chained row."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict


class Party(BaseModel):
    """Somebody."""

    model_config = ConfigDict(extra="allow")
    name: str
    roles: list[str]


class Stated(BaseModel):
    """A transaction, hardly looked at."""

    model_config = ConfigDict(extra="allow")
    activity: str
    at: str
    parties: list[Party]


class Rows:
    """A chain of rows, one commit each; in SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.lock = threading.Lock()
        self.sqlite = url.startswith("sqlite:///")
        make = "CREATE TABLE IF NOT EXISTS bare (n INTEGER PRIMARY KEY, hash TEXT, data TEXT)"
        if self.sqlite:
            self.connection: Any = sqlite3.connect(
                url.removeprefix("sqlite:///"), timeout=30, isolation_level=None, check_same_thread=False
            )
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
        else:
            import psycopg

            self.connection = psycopg.connect(url)
        self.connection.execute(make)
        self.connection.commit()

    def insert(self, data: str) -> int:
        """The number of a new row, committed."""
        with self.lock:
            if self.sqlite:
                self.connection.execute("BEGIN IMMEDIATE")
            else:
                self.connection.execute("LOCK TABLE bare IN EXCLUSIVE MODE")
            last = self.connection.execute("SELECT n, hash FROM bare ORDER BY n DESC LIMIT 1").fetchone() or (0, "")
            hash_ = hashlib.sha256(f"{last[1]}{data}".encode()).hexdigest()
            mark = "?" if self.sqlite else "%s"
            self.connection.execute(f"INSERT INTO bare VALUES ({mark}, {mark}, {mark})", (last[0] + 1, hash_, data))
            self.connection.commit()
            return int(last[0]) + 1


def create_app() -> FastAPI:
    """The application; CARVEOUT_DATABASE says where the rows go."""
    app, rows = FastAPI(), Rows(os.environ["CARVEOUT_DATABASE"])

    @app.post("/v1/checks")
    def check(stated: Stated) -> dict[str, Any]:
        return {"id": rows.insert(json.dumps(stated.model_dump(), sort_keys=True))}

    return app
