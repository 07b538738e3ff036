"""Signed heads of the audit chain, and the keys that sign them (Ed25519, RFC 8032)."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Tail

FILE = "audit-key.pem"
HEAD_KEYS = frozenset({"at", "chain", "hash", "key", "n", "public", "signature"})


class KeyFault(Exception):
    """The signing key cannot be used; the message says where it lies and what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at some time, signed."""

    tail: Tail
    at: str
    public: str
    signature: str

    @property
    def key(self) -> str:
        """The name of the key that signed: the beginning of the digest of the public key."""
        return key_name(self.public)

    def text(self) -> str:
        """As it is kept: one line of JSON."""
        return canonical_json({**_signed(self.tail, self.at, self.public), "signature": self.signature}).decode()


class Signer:
    """Signs heads with a private key. Safe to use from several threads."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = b64encode(raw).decode()
        self.name = key_name(self.public)

    def head(self, tail: Tail, at: str) -> Head:
        """The signed head at a tail."""
        return Head(tail, at, self.public, self.sign(_signed(tail, at, self.public)))

    def sign(self, data: dict[str, Any]) -> str:
        """A signature of JSON data."""
        return b64encode(self._private.sign(canonical_json(data))).decode()

    @classmethod
    def of(cls, folder: Path) -> Signer:
        """The signer with the key in a folder; it is made there if there is none. Raises KeyFault."""
        path = folder / FILE
        try:
            if not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                make_key(path)
            return cls.read(path)
        except OSError as error:
            raise KeyFault(f"{path}: {error.strerror or error} (set CARVEOUT_HOME)") from None

    @classmethod
    def read(cls, path: Path) -> Signer:
        """The signer with the key in a file. Raises KeyFault, OSError."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError) as error:
            raise KeyFault(f"{path}: is no private key ({error}); put back the one that was there") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyFault(f"{path}: is no Ed25519 key")
        return cls(private)


def rotated(folder: Path) -> tuple[Signer, Path]:
    """A new signer, whose key lies beside the one in use until `path.replace` puts it in its place. Raises KeyFault."""
    path = folder / f"{FILE}.next"
    try:
        path.unlink(missing_ok=True)
        make_key(path)
        return Signer.read(path), path
    except OSError as error:
        raise KeyFault(f"{path}: {error.strerror or error}") from None


def make_key(path: Path) -> None:
    """Make a private key in a file that only its owner can read; one that somebody else just made is left alone."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    part = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def key_name(public: str) -> str:
    """The name of a public key."""
    return digest(b64decode(public))[:16]


def read_head(text: str) -> Head:
    """A kept head whose signature is right. Raises KeyFault."""
    try:
        said = json.loads(text)
        if not isinstance(said, dict) or set(said) != HEAD_KEYS or type(said["n"]) is not int:
            raise ValueError("it has other keys than a head")
        head = Head(Tail(said["chain"], said["n"], said["hash"]), said["at"], said["public"], said["signature"])
        verify(head.public, _signed(head.tail, head.at, head.public), head.signature)
        if said["key"] != head.key:
            raise ValueError("its key has another name")
    except InvalidSignature:
        raise KeyFault("the head's signature is not that of its key") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise KeyFault(f"this is no signed head: {error}") from None
    return head


def verify(public: str, data: dict[str, Any], signature: str) -> None:
    """Raises InvalidSignature if that is not the key's signature of the data; ValueError if it is none at all."""
    Ed25519PublicKey.from_public_bytes(b64decode(public, validate=True)).verify(
        b64decode(signature, validate=True), canonical_json(data)
    )


def _signed(tail: Tail, at: str, public: str) -> dict[str, Any]:
    return {"at": at, "chain": tail.chain, "hash": tail.hash, "key": key_name(public), "n": tail.n, "public": public}
