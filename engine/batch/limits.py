"""How much is read, whichever way it is sent: over HTTP, from a file, from standard input."""

from __future__ import annotations

MEBIBYTE = 1 << 20
LARGEST_TRANSACTION = MEBIBYTE
"""In bytes. A thousand parties with long names take half of it."""
LARGEST_TABLE = 100 * MEBIBYTE
"""In bytes. A million rows of a hundred letters."""


def in_words(limit: int) -> str:
    """A limit as people say it."""
    return f"{limit // MEBIBYTE} MiB"
