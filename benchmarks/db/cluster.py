"""A PostgreSQL server for one run, and what its processes use."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from pythonmastery_ext.db.embedded import EmbeddedPostgres

#: Bytes of disk for each attempt, with everything that belongs to it, while the set is made.
EACH_ATTEMPT = 4_000
AT_LEAST = 2 << 30


class NotEnoughDisk(SystemExit):
    """Said before anything is written."""


@dataclass(frozen=True)
class Server:
    url: str
    folder: Path

    def processor_seconds(self) -> float:
        """Of all its processes so far, those that have ended too; in steps of 10 ms."""
        main = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))
        while True:
            # One that ends between the two looks would be counted twice, or not at all.
            children = main.children(recursive=True)
            total = sum(map(_spent, children))
            own = main.cpu_times()
            if main.children(recursive=True) == children:
                return total + own.user + own.system + own.children_user + own.children_system


def _spent(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


@contextlib.contextmanager
def own_server(attempts: int, keep: Path | None, durable: bool = True) -> Iterator[Server]:
    """Below `keep`, which stays, or in a temporary folder, which does not."""
    base = keep or Path(tempfile.mkdtemp(prefix="pm-bench-db-"))
    base.mkdir(parents=True, exist_ok=True)
    try:
        check_disk(base, attempts)
        embedded = EmbeddedPostgres(base, durable=durable)
        url = embedded.start()
        try:
            assert embedded.folder is not None
            yield Server(url, embedded.folder)
        finally:
            embedded.stop()
    finally:
        if keep is None:
            shutil.rmtree(base, ignore_errors=True)


def check_disk(folder: Path, attempts: int) -> None:
    needed, free = max(AT_LEAST, attempts * EACH_ATTEMPT), shutil.disk_usage(folder).free
    if free < needed:
        raise NotEnoughDisk(
            f"{attempts:,} attempts need {needed >> 30} GB of disk while they are made, and"
            f" {folder} has {free >> 30} GB free. Ask for fewer (--attempts), or set TMPDIR."
        )
