"""What somebody shows to say who they are: long random tokens, of which the store keeps a keyed hash only.

A token has 256 bits from the system's source of randomness, so nobody finds it by trying, and a slow hash (which makes
up for what passwords lack) would only make every request slow. What a plain hash would leave open is writing: who can
change the database could put in the hash of a token of their own. The hash is therefore keyed (HMAC-SHA-256) with a
secret that lies in a file beside the store, never in it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import string
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

FILE = "token-key"
BYTES = 32
ID_LETTERS, SECRET_LETTERS = 8, 43
"""62 letters: 43 of them are 256 bits."""
Kind = Literal["key", "session", "link"]
MARKS: dict[Kind, str] = {"key": "cvk", "session": "cvs", "link": "cvl"}
"""How the token of each kind begins, so that people and secret scanners know it."""
_LETTERS = string.ascii_letters + string.digits
_TOKEN = re.compile(rf"(cv[ksl])_([0-9A-Za-z]{{{ID_LETTERS}}})_[0-9A-Za-z]{{{SECRET_LETTERS}}}")
_KEPT_OUT = re.compile(r"cv[ks]_[0-9A-Za-z]{8}_[0-9A-Za-z]{20,}")


class SealFault(Exception):
    """The secret that hashes tokens cannot be used; the message says where it lies and what to do."""


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh token: its id, which may be shown and stored, and its text, which is shown once."""

    id: str
    text: str


def new_token(kind: Kind) -> Token:
    """A fresh token."""
    id = "".join(secrets.choice(_LETTERS) for _ in range(ID_LETTERS))
    return Token(id, f"{MARKS[kind]}_{id}_{''.join(secrets.choice(_LETTERS) for _ in range(SECRET_LETTERS))}")


def id_of(kind: Kind, text: str) -> str | None:
    """The id in a token of that kind; None for anything else."""
    found = _TOKEN.fullmatch(text)
    return found[2] if found and found[1] == MARKS[kind] else None


def holds_key(url: str) -> bool:
    """Does an address hold a key or a session, as it stands or encoded?"""
    return any(_KEPT_OUT.search(text) for text in (url, unquote(url), unquote(unquote(url))))


class Sealer:
    """Hashes tokens with the secret of one house."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.name = hashlib.sha256(b"carveout token key\n" + secret).hexdigest()[:16]
        """Of the secret: stored beside each hash, so that it is known which one made it."""

    def seal(self, text: str) -> str:
        """The hash of a token, in hexadecimal digits."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def fits(self, text: str, sealed: str, name: str) -> bool:
        """Was that token hashed to this, with this secret? In a time that does not tell how nearly."""
        return hmac.compare_digest(self.seal(text), sealed) and name == self.name

    def derived(self, purpose: str) -> bytes:
        """A secret for another purpose, of 32 bytes in URL-safe Base64; it says nothing of this one."""
        return urlsafe_b64encode(hmac.new(self._secret, f"for {purpose}".encode(), hashlib.sha256).digest())

    @classmethod
    def of(cls, home: Path) -> Sealer:
        """The sealer of a folder of state; its secret is made there if there is none. Raises SealFault."""
        path = home / FILE
        try:
            if not path.exists():
                home.mkdir(parents=True, exist_ok=True)
                _make(path)
            text = path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise SealFault(f"{path}: {error.strerror or error} (set CARVEOUT_HOME)") from None
        except ValueError:
            text = ""
        if not re.fullmatch(rf"[0-9a-f]{{{2 * BYTES}}}", text):
            raise SealFault(f"{path}: is no token key; put back the one that was there (or delete it: all keys die)")
        return cls(bytes.fromhex(text))


def _make(path: Path) -> None:
    """Readable by its owner only; one that somebody else just made is left alone."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
