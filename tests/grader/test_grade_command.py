"""`pythonmastery grade` from a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.pool import GraderPool
from pythonmastery_ext.cli import main
from pythonmastery_ext.grading.batch import Report
from pythonmastery_ext.grading.command import _tell_one
from tests.grader.folders import graded

SOLUTION = "def double(x):\n    return 2 * x\n"
PASSING = "from twice import double\n\ndef test_two():\n    assert double(2) == 4\n"
FAILING = PASSING + "\ndef test_three():\n    assert double(3) == 7\n"
CHECK = "METADATA = {}\ndef check(candidate):\n    assert candidate(3) == 6\n"
TWO_FER = """\
import importlib
from two_fer import two
def test_it(): assert importlib.import_module('two-fer').two(2) == two(2) == 4
"""
#: Submissions: the solution, its tests, and what lies beside them.
ONE_BY_ONE: dict[str, dict[str, str | bytes]] = {
    "names without an import": {
        "twice.py": SOLUTION,
        "twice_test.py": "assert double(2) == 4\nassert double(0) == 0\n",
    },
    "tests that do not compile": {"twice.py": SOLUTION, "twice_test.py": "def test_two(:\n"},
    "no test": {"twice.py": SOLUTION, "twice_test.py": "import twice\n"},
    "tests without their module": {
        "twice.py": SOLUTION,
        "twice_test.py": "\nimport nowhere_to_be_found\n\ndef test_x(): pass\n",
    },
    "a solution that does not compile": {
        "twice.py": "def double(x)\n",
        "twice_test.py": PASSING,
    },
    "a test that fails": {"twice.py": SOLUTION, "twice_test.py": FAILING},
    "no such function": {
        "twice.py": SOLUTION,
        "twice_test.py": PASSING.replace("double", "triple"),
    },
    "helpers": {
        "twice.py": "from factor import FACTOR\ndef double(x): return x * FACTOR\n",
        "twice_test.py": "from twice_data import CASES\nfrom twice import double\n"
        "def test_all():\n    for given, wanted in CASES: assert double(given) == wanted\n",
        "twice_data.py": "CASES = [(1, 2), (4, 8)]\n",
        "factor.py": "FACTOR = 2\n",
    },
    "an import of the tests": {
        "twice.py": "import twice_test\ndef double(x): return 2 * x\n",
        "twice_test.py": PASSING,
    },
    "the file's name among helpers": {
        "twice.py": "def twice(x): return half(x) * 4\ndef half(x): return x / 2\n",
        "twice_test.py": CHECK,
    },
    "the first among helpers": {
        "twice.py": "def a(x): return b(x) * 4\ndef b(x): return x / 2\n",
        "twice_test.py": CHECK,
    },
    "no name in Python": {
        "two-fer.py": "def two(x): return 2 * x\n",
        "two_fer_test.py": TWO_FER,
    },
    "another encoding": {
        "twice.py": "# -*- coding: latin-1 -*-\ndef double(x): return 'é' * x\n".encode("latin-1"),
        "twice_test.py": "assert double(2) == '\\xe9\\xe9'\n",
    },
    "no text": {"twice.py": b"X = '\xe9'\n", "twice_test.py": PASSING},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "twice.py").write_text(SOLUTION)
    return tmp_path


@pytest.fixture(scope="module")
async def reports(pool: GraderPool, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    told = {}
    for name, files in ONE_BY_ONE.items():
        place = tmp_path_factory.mktemp(name.replace(" ", "-"))
        for file, text in files.items():
            (place / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        solution, tests, *_ = files
        told[name] = await graded(pool, place / solution, place / tests)
    return told


def _told(reports: dict[str, Report], name: str, *, as_json: bool = False) -> int:
    """Prints what the command prints of it; the exit status."""
    return _tell_one(dict(reports[name]), as_json=as_json)


def _grade(folder: Path, tests: str, *options: str) -> int:
    (folder / "twice_test.py").write_text(tests)
    words = ["--solution", str(folder / "twice.py"), "--tests", str(folder / "twice_test.py")]
    return main(["grade", *words, *options])


def test_a_passing_solution_exits_with_0_and_json_lists_the_tests(folder, capsys) -> None:
    assert _grade(folder, PASSING, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tests"] == [{"name": "test_two", "status": "passed", "message": ""}]
    assert (told["status"], told["points"], told["max_points"]) == ("passed", 1.0, 1.0)


def test_a_failing_solution_exits_with_1_and_says_why(reports, capsys) -> None:
    assert _told(reports, "a test that fails") == 1
    assert "double(3) should be 7, but it is 6." in capsys.readouterr().out


def test_names_of_the_solution_are_known_without_an_import(reports) -> None:
    assert _told(reports, "names without an import") == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tests that do not compile", "line 1: does not compile"),
        ("no test", "defines no test"),
        ("tests without their module", "line 2: ModuleNotFoundError"),
    ],
)
def test_unusable_tests_exit_with_2_and_the_reason(reports, capsys, name: str, words: str) -> None:
    assert _told(reports, name, as_json=True) == 2
    said = capsys.readouterr()
    assert "twice_test.py" in said.err
    assert words in said.err
    assert words in json.loads(said.out)["error"]


def test_a_missing_file_exits_with_2(folder, capsys) -> None:
    words = ["--solution", str(folder / "nothing.py"), "--tests", str(folder / "t.py")]
    assert main(["grade", *words]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_solution_that_does_not_compile_is_not_passed(reports, capsys) -> None:
    assert _told(reports, "a solution that does not compile", as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "failed"


def test_a_missing_function_is_the_solutions_fault(reports, capsys) -> None:
    assert _told(reports, "no such function", as_json=True) == 1
    assert "triple" in capsys.readouterr().out


def test_each_grades_every_subfolder_and_prints_a_table(tmp_path: Path, capsys) -> None:
    printed = "from twice import double\nprint(double(2))\n"
    every = {"good": PASSING, "weak": FAILING, "broken": "def (", "printed": printed}
    for name, tests in every.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "twice.py").write_text(SOLUTION)
        (tmp_path / name / "test_twice.py").write_text(tests)
    (tmp_path / "empty").mkdir()

    assert main(["grade", "--each", str(tmp_path), "--jobs", "1"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [
        ["broken", "error"],
        ["good", "passed"],
        ["printed", "error"],
        ["weak", "partial"],
    ]
    assert "defines no test" in lines[2]
    assert lines[4] == "1 of 4 passed"


def test_helpers_of_the_tests_and_of_the_solution_are_found(reports) -> None:
    assert _told(reports, "helpers") == 0


def test_a_test_file_is_never_beside_the_students_code(reports) -> None:
    assert _told(reports, "an import of the tests") == 1


@pytest.mark.parametrize("words", [[], ["--solution", "x.py"], ["--each", "x", "--tests", "y.py"]])
def test_half_a_question_exits_with_2(words: list[str], capsys) -> None:
    assert main(["grade", *words]) == 2
    assert "--each" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_grading_leaves_nothing_behind(folder, tmp_path_factory, number) -> None:
    (folder / "twice.py").write_text("def double(x):\n    while True: pass\n")
    (folder / "twice_test.py").write_text(PASSING)
    place = tmp_path_factory.mktemp("t")
    words = ["--solution", str(folder / "twice.py"), "--tests", str(folder / "twice_test.py")]
    process = subprocess.Popen(
        [sys.executable, "-m", "pythonmastery_ext.cli", "grade", *words],
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(place)},
    )
    deadline = time.monotonic() + 30
    while not list(place.glob("*/pm-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode not in (0, 1)
    assert list(place.iterdir()) == []


def test_the_function_for_check_is_found_among_its_helpers(reports) -> None:
    assert _told(reports, "the file's name among helpers") == 0
    assert _told(reports, "the first among helpers") == 0


def test_a_file_name_that_is_no_name_in_python_can_be_imported(reports) -> None:
    assert _told(reports, "no name in Python") == 0


def test_a_source_is_read_in_the_encoding_that_it_declares(reports) -> None:
    assert _told(reports, "another encoding") == 0


def test_a_solution_that_is_no_text_is_not_passed(reports, capsys) -> None:
    assert _told(reports, "no text", as_json=True) == 1
    assert "cannot be read" in json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize("limit", ["abc", "-1", "0", "nan", "1e9", ""])
def test_a_limit_that_is_no_number_is_told_in_the_wanted_form(folder, capsys, limit: str) -> None:
    assert _grade(folder, PASSING, "--json", f"--limit-cpu={limit}") == 2
    assert "--limit-cpu" in json.loads(capsys.readouterr().out)["error"]
