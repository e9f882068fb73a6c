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


HANDED = """
import os, runpy, sys
from pathlib import Path
from answer import count, main, names, save
HERE = Path(__file__).parent
def test_paths():
    assert count(HERE / "rows.txt") == count(os.path.join(os.path.dirname(__file__), "rows.txt"))
    assert count("tests/rows.txt") == count("tests/rows.txt") == 2 and count("all.txt") == 3
    assert names(HERE) == ["others.txt", "rows.txt"]
def test_arguments(monkeypatch, capsys):
    assert main(["answer.py", str(HERE / "rows.txt")]) == 2
    monkeypatch.setattr(sys, "argv", ["answer.py", str(HERE.parent / "all.txt")])
    runpy.run_path("answer.py", run_name="__main__")
    assert capsys.readouterr().out == "3\\n"
def test_new():
    save(HERE / "new.txt", "a")
    assert (HERE / "new.txt").exists() and (HERE / "new.txt").read_text() == "a"
def test_gone(): assert not (HERE / "rows.txt").with_name("gone.txt").exists() and count is not None
"""
COUNT = """
import sys
from pathlib import Path
def count(path):
    with open(path) as file: return len(file.readlines())
def names(folder): return sorted(path.name for path in Path(folder).glob("*.txt"))
def save(path, text):
    with open(path, "w") as file: file.write(text)
def main(words=None): return count((words or sys.argv)[1])
if __name__ == "__main__": print(main())
"""
CHANGED = """
from pathlib import Path
from answer import count
HERE = Path(__file__).parent
def test_expected():
    said = count(HERE / "rows.txt")
    assert said == len((HERE / "rows.txt").read_text().splitlines())
def test_named(): assert count("") == len(open("tests/others.txt").readlines())
"""


def _beside(folder: Path, source: str) -> GraderTest:
    for name, text in {
        "tests/rows.txt": "1\n2\n",
        "tests/others.txt": "1\n",
        "all.txt": "1\n" * 3,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    name = str(folder / "tests/answer_test.py")
    return GraderTest(key="t", name="t", source=source, visible="sample", suite=True, filename=name)


async def test_the_students_code_gets_a_copy_of_a_file_that_is_handed_to_it(
    tmp_path: Path, grade: Grade
) -> None:
    test = _beside(tmp_path, HANDED)

    assert failures(await grade(COUNT, (test,), open_tests=True)) == []
    assert not (tmp_path / "tests/new.txt").exists()
    wrong = await grade(COUNT.replace("len(", "1 + len("), (test,), open_tests=True)
    assert [test.status for test in wrong.tests] == ["failed", "failed", "passed", "passed"]


async def test_files_of_the_tests_are_what_their_author_wrote(tmp_path: Path, grade: Grade) -> None:
    """Neither a copy that was handed over nor a file of the same name is read in their place."""
    test = _beside(tmp_path, CHANGED)
    code = "import os\nfrom pathlib import Path\ndef count(path):\n"
    code += "    if path: Path(path).write_text('')\n"
    code += "    os.makedirs('tests', exist_ok=True)\n"
    code += "    Path('tests/others.txt').write_text('')\n    return 0\n"

    verdict = await grade(code, (test,), open_tests=True)
    assert verdict.points == 0
    assert (
        verdict.tests[0].message == "Your code has changed rows.txt, which is a file of the tests."
    )
    named = COUNT.replace("open(path)", "open(path or 'tests/others.txt')")
    verdict = await grade(named, (test,), open_tests=True)
    assert [test.status for test in verdict.tests] == ["passed", "error"]  # not handed over


RELAYED = """
from pathlib import Path
from answer import read, where
HERE = Path(__file__).parent
def test_told():
    assert read(HERE / "rows.txt") == "1\\n2\\n"
    for number in range(7): assert read(where(str(HERE.parent), number)) == "none"
    for path in where(str(HERE.parent), None): assert read(path) == "none"
def test_ours(): assert Path(where("", 2)).name == "others.txt" and open("tests/others.txt").read()
"""


async def test_a_path_that_the_students_code_made_hands_it_nothing(
    tmp_path: Path, grade: Grade
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "grades.csv").write_text("heron")
    test = _beside(tmp_path / "top", RELAYED)
    (tmp_path / "top/grades.csv").write_text("heron")
    (tmp_path / "top/linked").symlink_to(outside)
    top = str(tmp_path / "top")
    code = "def where(top, number):\n"
    code += f"    top = {top!r}\n"
    code += "    all = [top + '/grades.csv', 'grades.csv', 'tests/others.txt', top + '/all.txt']\n"
    code += "    all += [top + '/tests/others.txt', top + '/linked/grades.csv', top]\n"
    code += "    return all if number is None else all[number]\n"
    code += "def read(path):\n    try:\n        with open(path) as file: return file.read()\n"
    code += "    except OSError: return 'none'\n"

    assert failures(await grade(code, (test,), open_tests=True)) == []
