"""A path that the student's code hands out opens nothing of the grader's."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures

READING = [
    "report().read_text()",
    "open(report()).read()",
    "os.listdir(report().parent)",
    "list(report().parent.iterdir())",
    "shutil.copy(report(), 'mine')",
    "glob.glob(str(report()) + '*')",
]


@pytest.mark.parametrize("reading", READING)
async def test_a_path_of_the_students_is_not_opened(
    reading: str, tmp_path: Path, grade: Grade, grade_suite: Grade
) -> None:
    (tmp_path / "secret").write_text("heron")
    code = f"from pathlib import Path\ndef report(): return Path({str(tmp_path)!r}) / 'secret'\n"
    test = f"import glob, linecache, os, shutil\nassert 'x' in str({reading})\n"

    for verdict in (await grade(code, test, objects=True), await grade_suite(code, test)):
        assert verdict.points == 0
        assert "heron" not in verdict.tests[0].message
        assert "The tests open nothing outside of their own folder" in verdict.tests[0].message


LOOKING = [
    "report().exists()",
    "report().is_file()",
    "os.path.getsize(report())",
    "os.access(report(), os.R_OK)",
    "os.path.samefile(report(), report())",
    "os.stat(str(report()))",
    "os.lstat(os.fsencode(report()))",
]


@pytest.mark.parametrize("looking", LOOKING)
async def test_whether_a_file_of_others_exists_is_not_told(
    looking: str, tmp_path: Path, grade: Grade, grade_suite: Grade
) -> None:
    (tmp_path / "secret").write_text("heron")
    told = []
    for name in ("secret", "nothing"):
        code = (
            f"from pathlib import Path\ndef report(): return Path({str(tmp_path)!r}) / {name!r}\n"
        )
        test = f"import os\nassert {looking}\n"
        for verdict in (await grade(code, test, objects=True), await grade_suite(code, test)):
            assert verdict.points == 0
            told.append(verdict.tests[0].message.replace(name, ""))
    assert told[:2] == told[2:]


OWN = """
import os, shutil, sqlite3, tempfile, zoneinfo
from pathlib import Path
def test_own(tmp_path):
    assert report() == 1
    (tmp_path / "a").write_text("a")
    assert (tmp_path / "a").read_text() == "a" and os.listdir(tmp_path) == ["a"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "b").mkdir()
        assert os.listdir(folder) == ["b"]
    with tempfile.NamedTemporaryFile("w+") as file: file.write("c")
    Path("d").write_text("d")
    assert Path("d").exists() and os.stat("d").st_size == 1 and not Path("z").exists()
    shutil.copy("d", "e")
    assert Path("e").read_text() == "d"
def test_libraries():
    assert report() == 1
    import xml.dom.minidom
    assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
    assert zoneinfo.ZoneInfo("Europe/Berlin").key
def test_beside():
    assert report() == 1
    assert (Path(__file__).parent / "rows.txt").read_text() == "1"
def test_said():
    assert report() == 1
    assert Path("/etc/passwd").read_text()
"""


async def test_a_test_opens_what_is_its_own(tmp_path: Path, grade: Grade) -> None:
    (tmp_path / "rows.txt").write_text("1")
    name = str(tmp_path / "answer_test.py")
    test = GraderTest(key="t", name="t", source=OWN, visible="sample", suite=True, filename=name)

    for fields in ({}, {"open_tests": True}):
        assert failures(await grade("def report(): return 1", (test,), **fields)) == []
