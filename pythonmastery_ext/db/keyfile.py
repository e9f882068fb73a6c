"""The file with the keys of encrypted columns: its form, who may read it, adding a key.

    {"version": 1, "current": 4711, "keys": {"4711": "<base64>"}, "blind": "<base64>"}

It is kept apart from the database and its dumps; whoever has only one of both reads nothing.
"""

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pythonmastery_ext.config import Settings
from pythonmastery_ext.db.encryption import KEY_SIZE, Keyring, Keys
from pythonmastery_ext.db.problems import DatabaseProblem

VERSION = 1
NAME = "keys.json"
LARGEST_ID = 0xFFFF


class KeyFileProblem(DatabaseProblem):
    """The file with the keys of encrypted columns cannot be used."""


class KeyFileNotNamed(KeyFileProblem):
    """No key file is set; make one with `pythonmastery keys new FILE`, keep a copy of it apart
    from the dumps, and set PYTHONMASTERY_ENCRYPTION_KEYS_FILE to its path."""


class KeyFileMissing(KeyFileProblem):
    """The key file {file} cannot be read ({reason}); put it back from a copy: without it what is
    encrypted in the database stays closed."""


class KeyFileOpen(KeyFileProblem):
    """The key file {file} can be read by others (mode {mode}); set its mode to 0600."""


class KeyFileWrong(KeyFileProblem):
    """The key file {file} is not of the right form: {reason}."""


class KeyFile:
    """Read again whenever it has changed, so a running service knows a new key at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: Keys | None = None

    def keys(self) -> Keys:
        """KeyFileMissing, KeyFileOpen or KeyFileWrong."""
        try:
            found = self.path.stat()
            seen = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._keys is None or seen != self._seen:
                self._check_mode(found)
                self._keys, self._seen = self._parsed(self.path.read_text("ascii")), seen
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise KeyFileMissing(file=self.path, reason=reason) from error
        return self._keys

    def _check_mode(self, found: os.stat_result) -> None:
        mode = stat.S_IMODE(found.st_mode)
        if mode & 0o077:
            raise KeyFileOpen(file=self.path, mode=f"{mode:04o}")

    def _parsed(self, text: str) -> Keys:
        try:
            data = json.loads(text)
            if data["version"] != VERSION:
                raise KeyFileWrong(file=self.path, reason=f"its version is not {VERSION}")
            keys = {_id(name): _key(value) for name, value in data["keys"].items()}
            read = Keys(keys=keys, current=_id(data["current"]), blind=_key(data["blind"]))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            # The error's own words could show a part of a key.
            raise KeyFileWrong(
                file=self.path, reason="see docs/privacy.md for how it looks"
            ) from error
        if read.current not in keys:
            raise KeyFileWrong(file=self.path, reason="`current` names none of its keys")
        return read

    def make(self) -> None:
        """A file with one key, unless there is a file: another process may be faster."""
        first = _new_id(())
        content = Keys(keys={first: _new_key()}, current=first, blind=_new_key())
        half_done = self._written(content)
        try:
            self.path.hardlink_to(half_done)
        except FileExistsError:
            return
        finally:
            half_done.unlink()

    def add(self) -> int:
        """A new key for what is sealed from now on; its id."""
        before = self.keys()
        added = _new_id(before.keys)
        content = Keys(keys={**before.keys, added: _new_key()}, current=added, blind=before.blind)
        half_done, owner = self._written(content), self.path.stat()
        if os.geteuid() == 0:
            # Made by root for the service, which has to read it.
            os.chown(half_done, owner.st_uid, owner.st_gid)
        half_done.replace(self.path)
        return added

    def _written(self, content: Keys) -> Path:
        """The content in a file beside it, on the disk, that only we can read."""
        path = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        data: dict[str, Any] = {
            "version": VERSION,
            "current": content.current,
            "keys": {str(key): base64.b64encode(raw).decode() for key, raw in content.keys.items()},
            "blind": base64.b64encode(content.blind).decode(),
        }
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                json.dump(data, out, indent=1)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise KeyFileMissing(file=self.path, reason=error.strerror) from error
        return path


def key_file(settings: Settings) -> KeyFile:
    """The configured one; on one's own machine it is made in the data folder. KeyFileProblem."""
    if settings.encryption_keys_file:
        return KeyFile(Path(settings.encryption_keys_file))
    if settings.role != "local":
        raise KeyFileNotNamed
    found = KeyFile(Path(settings.data_dir) / NAME)
    if not found.path.exists():
        found.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found.make()
    return found


def keyring(settings: Settings) -> Keyring:
    """Keys that were looked at once: a file that cannot be used is told at the start."""
    found = key_file(settings)
    found.keys()
    return Keyring(found.keys)


def _id(value: str | int) -> int:
    number = int(value)
    if not 1 <= number <= LARGEST_ID:
        raise ValueError("a key id is out of range")
    return number


def _key(value: str) -> bytes:
    raw = base64.b64decode(value, validate=True)
    if len(raw) != KEY_SIZE:
        raise ValueError("a key is not 32 bytes long")
    return raw


def _new_key() -> bytes:
    return secrets.token_bytes(KEY_SIZE)


def _new_id(taken: Collection[int]) -> int:
    """At random, so that the key of a lost file is told apart from the one that replaced it."""
    while (number := 1 + secrets.randbelow(LARGEST_ID)) in taken:
        pass
    return number
