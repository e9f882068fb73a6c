"""Files that the student's code makes where the tests lie are there for the tests, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures

CODE = """
import os
from pathlib import Path
def save(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
def read(path): return Path(path).read_text()
def drop(path): os.remove(path)
def names(folder): return sorted(os.listdir(folder))
"""
TESTS = """
import glob, os, pytest, shutil
from pathlib import Path
from answer import *
HERE = Path(__file__).parent

def test_removed():
    for number, remove in enumerate((os.remove, os.unlink, Path.unlink)):
        out = HERE / f"out{number}.txt"
        for text in ("first", "second"):
            save(out, text)
            assert out.exists() and out.read_text() == text == read(out)
            remove(out)
            assert not out.exists() and not os.path.isfile(str(out))
        with pytest.raises(FileNotFoundError): remove(out)
        with pytest.raises(FileNotFoundError): read(out)

def test_removed_by_the_student():
    save(HERE / "dropped.txt", "x")
    drop(HERE / "dropped.txt")
    assert not (HERE / "dropped.txt").exists() and "dropped.txt" not in os.listdir(HERE)

def test_listed():
    out = HERE / "listed.txt"
    save(out, "x")
    assert sorted(os.listdir(HERE)) == sorted(entry.name for entry in os.scandir(HERE))
    assert {"listed.txt", "rows.txt"} <= set(os.listdir(HERE))
    assert out in HERE.iterdir() and list(HERE.glob("list*")) == [out]
    assert glob.glob(str(HERE / "list*")) == [str(out)]
    out.unlink()
    assert "listed.txt" not in os.listdir(HERE)

def test_folder():
    deep = HERE / "deep"
    save(deep / "a" / "b.txt", "x")
    save(deep / "a" / "c" / "d.txt", "y")
    assert names(deep / "a") == ["b.txt", "c"] == sorted(os.listdir(deep / "a"))
    assert sorted(path.name for path in deep.rglob("*")) == ["a", "b.txt", "c", "d.txt"]
    assert [files for _, _, files in os.walk(deep)] == [[], ["b.txt"], ["d.txt"]]
    with pytest.raises(OSError): os.rmdir(deep)
    shutil.rmtree(deep)
    assert not deep.exists() and "deep" not in os.listdir(HERE)

def test_own_folder():
    assert names(HERE)
    save(HERE / "own.txt", "o")
    assert "own.txt" in os.listdir(HERE) and "own.txt" in names(HERE)
    assert (HERE / "own.txt").read_text() == "o"
    (HERE / "own.txt").unlink()
    assert "own.txt" not in os.listdir(HERE) + names(HERE)

def test_of_the_tests():
    for text in ("first", "second"):
        (HERE / "new.txt").write_text(text)
        assert read(HERE / "new.txt") == text
        os.remove(HERE / "new.txt")
        assert not (HERE / "new.txt").exists()
        with pytest.raises(FileNotFoundError): read(HERE / "new.txt")
"""


@pytest.mark.parametrize("folder", ["exercise", "exercise/tests"])
async def test_they_are_listed_and_removed(folder: str, tmp_path: Path, grade: Grade) -> None:
    here = tmp_path / folder
    here.mkdir(parents=True)
    (here / "rows.txt").write_text("rows")
    test = GraderTest(
        key="t",
        name="t",
        source=TESTS,
        visible="sample",
        suite=True,
        filename=str(here / "answer_test.py"),
    )
    verdict = await grade(CODE, (test,), open_tests=True, shuffle=False)

    assert failures(verdict) == []
    assert [path.name for path in here.iterdir()] == ["rows.txt"]
