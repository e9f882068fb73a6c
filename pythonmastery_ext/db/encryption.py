"""Columns that a dump does not tell: AES-256-GCM, and a blind index to find an address by.

A sealed value is `version (1 byte) | key id (2) | nonce (12) | ciphertext | tag (16)`. Its
associated data is `table:column:row`, so a value that is moved elsewhere cannot be opened.

EncryptionProblem
├── KeyUnknown             sealed with a key that the file does not hold
├── SealVersionUnknown     written by a newer release, or not a sealed value at all
└── SealBroken             changed, cut, or moved from another row or column
"""

import hashlib
import hmac
import os
import struct
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
#: Bytes of a key; AES-256.
KEY_SIZE = 32
HEADER = struct.Struct(">BH")
NONCE_SIZE = 12
TAG_SIZE = 16
SHORTEST = HEADER.size + NONCE_SIZE + TAG_SIZE


class EncryptionProblem(Exception):
    """An encrypted value cannot be opened."""

    def __init__(self, **details: object) -> None:
        self.message = " ".join(cleandoc(type(self).__doc__ or "").format(**details).split())
        super().__init__(self.message)


class KeyUnknown(EncryptionProblem):
    """The value in {where} is encrypted with key {key}, which the key file does not hold; put the
    key back from a copy of the file."""


class SealVersionUnknown(EncryptionProblem):
    """The value in {where} has the form {version}, which this release does not know; it was
    written by a newer release, or is no encrypted value."""


class SealBroken(EncryptionProblem):
    """The value in {where} was changed or belongs to another place: it does not open with key
    {key}."""


class Place(TypedDict):
    """Where a sealed value stands: `keyring.open(sealed, **place)`."""

    table: str
    column: str
    row: str | int


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The content of a key file."""

    #: Key id (1 to 65535) → 32 bytes.
    keys: Mapping[int, bytes] = field(repr=False)
    #: Id of the key that new values are sealed with.
    current: int
    #: For the blind index only, never rotated: what it has marked would not be found any more.
    blind: bytes = field(repr=False)


class Keyring:
    """Seals and opens; asks for the keys each time, so that a new key is known at once."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    @property
    def current(self) -> int:
        """Id of the key that new values are sealed with."""
        return self._keys().current

    def seal(self, text: str, *, table: str, column: str, row: str | int) -> bytes:
        return self.seal_bytes(text.encode(), table=table, column=column, row=row)

    def seal_bytes(self, data: bytes, *, table: str, column: str, row: str | int) -> bytes:
        keys = self._keys()
        nonce = os.urandom(NONCE_SIZE)
        closed = AESGCM(keys.keys[keys.current]).encrypt(nonce, data, _place(table, column, row))
        return HEADER.pack(VERSION, keys.current) + nonce + closed

    def open(self, sealed: bytes, *, table: str, column: str, row: str | int) -> str:
        """KeyUnknown, SealVersionUnknown or SealBroken."""
        return self.open_bytes(sealed, table=table, column=column, row=row).decode()

    def open_bytes(self, sealed: bytes, *, table: str, column: str, row: str | int) -> bytes:
        where = f"{table}.{column} of row {row}"
        version = sealed[0] if sealed else None
        if version != VERSION:
            raise SealVersionUnknown(where=where, version=version)
        if len(sealed) < SHORTEST:
            raise SealBroken(where=where, key="any: its end is missing")
        key_id = key_of(sealed)
        key = self._keys().keys.get(key_id)
        if key is None:
            raise KeyUnknown(where=where, key=key_id)
        body = sealed[HEADER.size :]
        try:
            return AESGCM(key).decrypt(
                body[:NONCE_SIZE], body[NONCE_SIZE:], _place(table, column, row)
            )
        except InvalidTag as error:
            raise SealBroken(where=where, key=key_id) from error

    def blind(self, text: str) -> bytes:
        """The same 32 bytes for the same address however it is written; tells nothing of it."""
        normal = unicodedata.normalize("NFKC", text.strip()).casefold()
        return hmac.digest(self._keys().blind, normal.encode(), hashlib.sha256)


def key_of(sealed: bytes) -> int:
    """Id of the key that a value, of which at least the header is given, was sealed with."""
    return int(HEADER.unpack_from(sealed)[1])


def key_mark(key_id: int) -> bytes:
    """How every value begins that was sealed with this key; for a query by prefix."""
    return HEADER.pack(VERSION, key_id)


def _place(table: str, column: str, row: str | int) -> bytes:
    return f"{table}:{column}:{row}".encode()
