"""The folder in which open tests and the student's code work, each in its own file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.protocol import GradeRequest, Limits
from grader.protocol import Test as GraderTest
from grader.remote.surroundings import shared_folder
from tests.grader.conftest import Grade, failures

CODE = """
import os, shutil
from pathlib import Path
def enter(folder):
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
def leave(): os.chdir("..")
def fail(folder):
    os.chdir(folder)
    raise ValueError
def save(path, text): Path(path).write_text(text)
def drop(path): shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
"""
TESTS = """
import os, pytest
from pathlib import Path
from unittest import mock
from answer import *

def test_entered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    enter("sub")
    assert Path.cwd() == tmp_path / "sub"
    save("a.txt", "x")
    assert Path("a.txt").read_text() == "x"
    assert (os.listdir(), os.listdir("..")) == (["a.txt"], ["sub"])
    leave()
    assert os.getcwd() == str(tmp_path) and Path("sub/a.txt").exists()

def test_removed_by_either(tmp_path):
    os.chdir(tmp_path)
    for name in ("a.txt", "sub/b.txt", "sub/c.txt"):
        enter(tmp_path / Path(name).parent)
        save(tmp_path / name, name)
    os.chdir(tmp_path)
    drop("a.txt")
    assert os.listdir() == ["sub"]
    os.remove("sub/b.txt")
    with pytest.raises(FileNotFoundError): drop("sub/b.txt")
    assert os.listdir("sub") == ["c.txt"]
    drop("sub")
    assert os.listdir() == []
    with pytest.raises(FileNotFoundError): fail("sub")

def test_after_an_error():
    os.mkdir("own")
    with pytest.raises(ValueError): fail("own")
    assert Path.cwd().name == "own"

def test_where_the_last_one_left_it():
    assert Path.cwd().name == "own"
    os.chdir(Path.cwd().parent)
    save("d.txt", "d")
    assert Path("d.txt").read_text() == "d"

def test_changed_by_a_mock_only(tmp_path):
    before = os.getcwd()
    with mock.patch("os.getcwd", return_value=str(tmp_path)):
        save("e.txt", "e")
    assert (os.getcwd(), Path("e.txt").read_text()) == (before, "e")
"""


async def test_what_the_students_code_does_there_is_so_for_the_tests(grade_suite: Grade) -> None:
    assert failures(await grade_suite(CODE, TESTS)) == []


async def test_the_tests_follow_to_no_place_outside(grade_suite: Grade) -> None:
    code = """
    import os, sys
    FOLDERS = next(m for n, m in sys.modules.items() if n.endswith("wire.folders"))
    def say(place): FOLDERS.place = lambda: place
    def end(): os._exit(0)
    def link(to): os.symlink(to, "link")
    """
    test = """
import os
from answer import *
def test_places(tmp_path):
    own = os.getcwd()
    inside = str(tmp_path)
    say(inside)
    assert os.getcwd() == inside
    link("/")
    outside = ["/", "/etc", "..", own + "/..", "", "\\0", "x" * 5000, 3, None, [inside]]
    for place in [*outside, inside + "/link", inside + "/none", "\\udcff", own + "2"]:
        say(place)
        assert os.getcwd() == inside
    say(own)
    assert os.getcwd() == own
def test_away():
    os.mkdir("away")
    say(os.path.abspath("away"))
    assert os.path.basename(os.getcwd()) == "away"
    end()
def test_a_fresh_process_works_where_the_first_one_did():
    assert os.listdir() == ["away"]
    say(os.path.abspath("away"))
    assert os.listdir() == []
"""
    ended = "test_away: error: Your code ended the whole Python process."
    assert failures(await grade_suite(code, test)) == [ended]


def _of(source: str) -> Path | None:
    test = GraderTest(key="t", name="t", source=source, visible="sample", suite=True)
    request = GradeRequest(id="r", code="", tests=(test,), limits=Limits(), open_tests=True)
    return shared_folder(request, "full")


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A'] = os.getenv('B')\n",
        "import io, os, sys\nout = io.StringIO(os.linesep)",
        "from io import StringIO, BytesIO\nfrom os import environ",
        "import os\nimport sys\nsys.path.insert(0, os.path.dirname(__file__))\nshelf.open()",
    ],
)
def test_files_are_not_looked_for_where_the_tests_use_none(source: str) -> None:
    assert _of(source) is None


@pytest.mark.parametrize(
    "source",
    [
        "import os as o\no.listdir()",
        "import os\ncheck(os)",
        "import os\nos.environ['A'] = 'b'\nmock.patch('os.listdir')",
        "from os import getenv, remove",
        "import io\nio.open('x')",
        "import os\nsys.path.insert(0, '.'); os.remove('x')",
        "sys.path.insert(0, '.')  # first\nopen('x')\nf(3)",
        "from pathlib import Path",
    ],
)
def test_where_they_may_use_some_they_are(source: str) -> None:
    assert _of(source) == Path.cwd()
