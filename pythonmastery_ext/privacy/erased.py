"""Who was erased: a file beside the database, because a restored copy knows nothing of it.

Each process of the service keeps one, and a copy lies beside each backup. It holds numbers and
HMACs, one JSON object a line; whoever has it without the keys learns nothing.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.privacy.models import DataRequest

NAME = "erasures.jsonl"


@dataclass(frozen=True, kw_only=True)
class Entry:
    user_id: int
    #: With the number it names one account; the number alone may be given again after a restore.
    account_at: str | None
    #: HMACs in hex; a login may be another person's later, so `erased_at` counts too.
    username: str | None
    github: str | None
    erased_at: str

    @classmethod
    def of(cls, request: DataRequest) -> "Entry":
        """The moment stands in the row, so a second run writes the same line."""
        name, github = request.username_mark, request.github_mark
        return cls(
            user_id=request.user_id,
            account_at=_iso(request.account_at) if request.account_at else None,
            username=name.hex() if name else None,
            github=github.hex() if github else None,
            erased_at=_iso(request.begun_at or request.requested_at),
        )


def username_mark(keyring: Keyring, username: str) -> bytes:
    return keyring.blind(f"username/{username}")


def github_mark(keyring: Keyring, github_id: int | None) -> bytes | None:
    return None if github_id is None else keyring.blind(f"github/{github_id}")


class ErasureList:
    """Only grows; a line is on the disk before the rows that it is about are deleted."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self._file = folder / name

    def entries(self) -> list[Entry]:
        try:
            lines = self._file.read_text("ascii").splitlines()
        except FileNotFoundError:
            return []
        return [Entry(**json.loads(line)) for line in lines if _whole(line)]

    def add(self, entry: Entry) -> None:
        if entry in self.entries():
            return
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(self._file, flags, 0o600), "ab") as out:
            # On a line of its own, also behind one that a crash cut off.
            out.write(f"\n{json.dumps(asdict(entry))}\n".encode())
            out.flush()
            os.fsync(out.fileno())


class Wanted:
    """Tells whether a row of `app_user` is somebody who was erased."""

    def __init__(self, entries: list[Entry], keyring: Keyring) -> None:
        self._keyring = keyring
        self._accounts = {(entry.user_id, entry.account_at) for entry in entries}
        self._last: dict[str, datetime] = {}
        for entry in entries:
            moment = datetime.fromisoformat(entry.erased_at)
            for key in (entry.username, entry.github):
                if key is not None:
                    self._last[key] = max(moment, self._last.get(key, moment))

    def has(self, user: int, username: str, github_id: int | None, created_at: datetime) -> bool:
        """Not whoever came later under the same name."""
        if (user, _iso(created_at)) in self._accounts:
            return True
        github = github_mark(self._keyring, github_id)
        marks = (username_mark(self._keyring, username), github)
        keys = [mark.hex() for mark in marks if mark is not None]
        return any(key in self._last and created_at <= self._last[key] for key in keys)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _whole(line: str) -> bool:
    return line.startswith("{") and line.endswith("}")
