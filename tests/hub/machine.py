"""Accounts of this machine for a test, and a Python that all of them can run. Needs root."""

import fcntl
import grp
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: What of the checkout a server needs, where the checkout itself is closed to others.
OURS = ("pythonmastery_ext", "grader")
LEARNERS = "pythonmastery-learners"


def unfit(logins: list[str]) -> str | None:
    """Why this machine cannot give out accounts for a test, in a sentence."""
    if os.geteuid() != 0:
        return "Only root can give accounts of their own to the service and to students."
    if not shutil.which("useradd"):
        return "There is no useradd on this machine."
    taken = [login for login in logins if _has(login) or Path("/home", login).exists()]
    if taken:
        return f"This machine has accounts or homes of its own for {', '.join(taken)}."
    if _python() is None:
        return f"No Python {_version()} is open to other accounts."
    return None


@contextmanager
def accounts(ours: Iterable[str], logins: list[str]) -> Iterator[None]:
    """Accounts of our parts; those that the hub makes for its people are removed with them.

    One run of the tests at a time: the hub's group of learners has the same name in all of them.
    """
    with Path(tempfile.gettempdir(), "pythonmastery-accounts.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        had_group = _has_group()
        for name in ours:
            _run("useradd", "--system", "--user-group", "--no-create-home", name)
        try:
            yield
        finally:
            for name in filter(_has, logins):
                _run("userdel", "--force", "--remove", name)
            for name in ours:
                _run("userdel", name)
            if not had_group and _has_group():
                _run("groupdel", LEARNERS)


def join(account: str, group: str) -> None:
    _run("usermod", "--append", "--groups", group, account)


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """Unlike a temporary folder of pytest, others may pass through it."""
    with tempfile.TemporaryDirectory(prefix="pythonmastery-walls-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def python_for_all(folder: Path, also: Sequence[str] = ()) -> Path:
    """A virtual environment with the packages of this one, wherever that may lie.

    `also`: further folders of this project that everybody may read.
    """
    made = folder / "python"
    subprocess.run([str(_python()), "-m", "venv", "--without-pip", str(made)], check=True)
    inside = made / "lib" / f"python{_version()}" / "site-packages"
    packages = Path(sys.prefix, "lib", f"python{_version()}", "site-packages")
    lines = [f"import site; site.addsitedir({str(_open(packages, folder))!r})"]
    if not _is_open(ROOT):
        for name in (*OURS, *also):
            _open(ROOT / name, folder)
        lines.insert(0, str(folder / "open"))
    (inside / "tests.pth").write_text("\n".join(lines) + "\n")
    for name in ("share", "etc"):
        if (place := Path(sys.prefix, name)).exists():
            (made / name).symlink_to(_open(place, folder))
    starter = made / "bin/jupyterhub-singleuser"
    starter.write_text(f"#!{made}/bin/python\nfrom jupyterhub.singleuser import main\nmain()\n")
    starter.chmod(0o755)
    return made


def hand_over(folder: Path, account: str) -> Path:
    """A folder that only this account can open from here on."""
    folder.chmod(0o700)
    for place in (folder, *folder.rglob("*")):
        shutil.chown(place, account, account)
    return folder


def _open(place: Path, folder: Path) -> Path:
    """The same place, or a copy of links to its files if others cannot pass to it."""
    if _is_open(place):
        return place
    copy = folder / "open" / place.name
    shutil.copytree(place, copy, copy_function=_link, symlinks=True)
    return copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def _python() -> Path | None:
    """The interpreter behind this environment, or the system's of the same version."""
    names = (
        Path(sys.base_prefix, "bin", f"python{_version()}"),
        Path(f"/usr/bin/python{_version()}"),
    )
    return next((name for name in names if name.exists() and _is_open(name.resolve())), None)


def _is_open(place: Path) -> bool:
    return all(one.stat().st_mode & 0o001 for one in (place, *place.parents))


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _has(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _has_group() -> bool:
    return any(group.gr_name == LEARNERS for group in grp.getgrall())


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
