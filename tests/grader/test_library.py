"""What students' code may read is a copy in memory, made once and taken away with its last user."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.protocol import GradeRequest
from grader.walls import bubblewrap, library, linked, sandbox
from grader.walls.library import Library
from grader.workers import Workers
from tests.grader.conftest import Grade, as_tests, failures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls of Linux")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in memory that only this test knows, and little to copy."""
    shared = Path("/dev/shm")
    if library._kind(shared) != "tmpfs" or os.statvfs(shared).f_flag & os.ST_NOEXEC:
        pytest.skip("no file system in memory from which programs can be run")
    folder = Path(tempfile.mkdtemp(dir=shared, prefix="test-library-"))
    source = tmp_path_factory.mktemp("source")
    (source / "words.py").write_text("words = 1\n")
    (source / "tests").mkdir()
    (source / "tests" / "secret.py").write_text("secret = 1\n")
    monkeypatch.setattr(library, "_PLACES", (str(folder),))
    monkeypatch.setattr(library, "_sources", lambda: [source])
    return folder


@pytest.fixture
def borrowed(place: Path) -> Iterator[Library]:
    found = library.borrow()
    assert found is not None
    yield found
    if found.root.is_dir():
        found.close()
    (place / f"pm-library-{os.geteuid()}.lock").unlink()
    place.rmdir()


def test_a_copy_holds_what_it_was_made_of_and_what_that_needs(borrowed: Library) -> None:
    (source,) = library._sources()

    assert borrowed.of(source / "words.py").read_text() == "words = 1\n"
    assert borrowed.of(source / "words.py").stat().st_mtime == (source / "words.py").stat().st_mtime
    assert not borrowed.of(source / "tests").exists()
    assert list(borrowed.of(Path("/usr/lib")).rglob("libc.so.6"))
    assert not borrowed.of(Path("/etc")).exists()


def test_a_second_one_uses_the_same_copy_and_the_last_takes_it_away(borrowed: Library) -> None:
    second = library.borrow()
    assert second is not None

    borrowed.close()
    assert second.root == borrowed.root
    assert second.root.is_dir()
    second.close()
    assert not second.root.exists()


def test_what_has_changed_is_copied_anew(borrowed: Library) -> None:
    (source,) = library._sources()
    (source / "more.py").write_text("more = 1\n")

    second = library.borrow()

    assert second is not None
    assert second.root != borrowed.root
    assert second.of(source / "more.py").is_file()
    second.close()


def test_a_copy_that_somebody_left_is_cleared_away(borrowed: Library, place: Path) -> None:
    left = place / "pm-library-of-one-who-was-killed"
    left.mkdir()
    (left / ".in-use").touch()

    second = library.borrow()

    assert second is not None
    assert not left.exists()
    second.close()


def test_a_folder_of_somebody_else_is_neither_used_nor_cleared(
    borrowed: Library, place: Path
) -> None:
    foreign = place / borrowed.root.name.replace("pm-library-", "pm-library-0")
    foreign.symlink_to(borrowed.root)
    same = borrowed.root.with_name(f"{borrowed.root.name}-link")
    same.symlink_to(place)

    second = library.borrow()

    assert second is not None
    assert second.root == borrowed.root
    assert foreign.is_symlink()
    assert same.is_symlink()
    second.close()
    foreign.unlink()
    same.unlink()


def test_without_room_in_memory_there_is_none(
    borrowed: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrowed.close()
    monkeypatch.setattr(library, "_room", lambda _: 1000)

    assert library.borrow() is None


def test_what_a_program_needs_is_read_from_its_file(tmp_path: Path) -> None:
    nonsense = tmp_path / "x.so"
    nonsense.write_bytes(b"\x7fELF\x02\x01" + b"\xff" * 200)

    assert linked.needed(nonsense) == linked.needed(tmp_path / "not-there") == []
    assert "libc.so.6" in linked.needed(bubblewrap.interpreter())


EVERYTHING = """
import importlib, os, sys
folder = next(path for path in sys.path if path.endswith("lib-dynload"))
failed = set()
for name in {name.partition(".")[0] for name in os.listdir(folder)}:
    try: importlib.import_module(name)
    except ImportError: failed.add(name)
def broken(): return failed
def zone(): return importlib.import_module("zoneinfo").ZoneInfo("Europe/Berlin").key
"""


def _missing() -> set[str]:
    folder = Path(next(path for path in sys.path if path.endswith("lib-dynload")))
    missing = set()
    with warnings.catch_warnings(action="ignore"):
        for name in {path.name.partition(".")[0] for path in folder.iterdir()}:
            try:
                importlib.import_module(name)
            except ImportError:
                missing.add(name)
    return missing


async def test_students_code_finds_all_of_python_in_it(grade: Grade) -> None:
    test = f"assert broken() == {_missing()!r}\nassert zone() == 'Europe/Berlin'"

    assert failures(await grade(EVERYTHING, test)) == []


async def test_where_the_copy_was_cleared_away_others_begin_with_a_new_one(tmp_path: Path) -> None:
    workers = Workers(sandbox.probe("own"))
    test = as_tests("assert total([1, 2]) == 3")
    request = GradeRequest(id="r", code="def total(rows): return sum(rows)\n", tests=test)
    try:
        verdicts = [await workers.grade(request)]
        first = workers._nurseries["plain"]
        first._library = str(tmp_path / "cleared-away")
        verdicts.append(await workers.grade(request))

        assert [failures(verdict) for verdict in verdicts] == [[], []]
        assert workers._nurseries["plain"] is not first
    finally:
        await workers.close()
