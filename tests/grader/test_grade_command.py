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

from pythonmastery_ext.cli import main

SOLUTION = "def double(x):\n    return 2 * x\n"
PASSING = "from twice import double\n\ndef test_two():\n    assert double(2) == 4\n"
FAILING = PASSING + "\ndef test_three():\n    assert double(3) == 7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "twice.py").write_text(SOLUTION)
    return tmp_path


def _grade(folder: Path, tests: str, *options: str) -> int:
    (folder / "twice_test.py").write_text(tests)
    words = ["--solution", str(folder / "twice.py"), "--tests", str(folder / "twice_test.py")]
    return main(["grade", *words, *options])


def test_a_passing_solution_exits_with_0_and_json_lists_the_tests(folder, capsys) -> None:
    assert _grade(folder, PASSING, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tests"] == [{"name": "test_two", "status": "passed", "message": ""}]
    assert (told["status"], told["points"], told["max_points"]) == ("passed", 1.0, 1.0)


def test_a_failing_solution_exits_with_1_and_says_why(folder, capsys) -> None:
    assert _grade(folder, FAILING) == 1
    assert "double(3) should be 7, but it is 6." in capsys.readouterr().out


def test_names_of_the_solution_are_known_without_an_import(folder) -> None:
    assert _grade(folder, "assert double(2) == 4\nassert double(0) == 0\n") == 0


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("def test_two(:\n", "line 1: does not compile"),
        ("import twice\n", "defines no test"),
        ("\nimport nowhere_to_be_found\n\ndef test_x(): pass\n", "line 2: ModuleNotFoundError"),
    ],
)
def test_unusable_tests_exit_with_2_and_the_reason(folder, capsys, tests: str, words: str) -> None:
    assert _grade(folder, tests, "--json") == 2
    said = capsys.readouterr()
    assert "twice_test.py" in said.err
    assert words in said.err
    assert words in json.loads(said.out)["error"]


def test_a_missing_file_exits_with_2(folder, capsys) -> None:
    words = ["--solution", str(folder / "nothing.py"), "--tests", str(folder / "t.py")]
    assert main(["grade", *words]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_solution_that_does_not_compile_is_not_passed(folder, capsys) -> None:
    (folder / "twice.py").write_text("def double(x)\n")
    assert _grade(folder, PASSING, "--json") == 1
    assert json.loads(capsys.readouterr().out)["status"] == "failed"


def test_a_missing_function_is_the_solutions_fault(folder, capsys) -> None:
    assert _grade(folder, PASSING.replace("double", "triple"), "--json") == 1
    assert "triple" in capsys.readouterr().out


def test_each_grades_every_subfolder_and_prints_a_table(tmp_path: Path, capsys) -> None:
    for name, tests in (("good", PASSING), ("weak", FAILING), ("broken", "def (")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "twice.py").write_text(SOLUTION)
        (tmp_path / name / "test_twice.py").write_text(tests)
    (tmp_path / "empty").mkdir()

    assert main(["grade", "--each", str(tmp_path)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["broken", "error"],
        ["good", "passed"],
        ["weak", "partial"],
    ]
    assert lines[3] == "1 of 3 passed"


def test_a_folder_whose_test_file_defines_no_test_is_told(tmp_path: Path, capsys) -> None:
    (tmp_path / "printed").mkdir()
    (tmp_path / "printed/twice.py").write_text("def double(n): return n * 2\n")
    (tmp_path / "printed/test_twice.py").write_text("from twice import double\nprint(double(2))\n")
    assert main(["grade", "--each", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "printed" in told.out + told.err
    assert "defines no test" in told.out + told.err


def test_helpers_of_the_tests_and_of_the_solution_are_found(folder) -> None:
    (folder / "twice_data.py").write_text("CASES = [(1, 2), (4, 8)]\n")
    (folder / "factor.py").write_text("FACTOR = 2\n")
    (folder / "twice.py").write_text(
        "from factor import FACTOR\ndef double(x): return x * FACTOR\n"
    )
    tests = "from twice_data import CASES\nfrom twice import double\n"
    tests += "def test_all():\n    for given, wanted in CASES: assert double(given) == wanted\n"
    assert _grade(folder, tests) == 0


def test_a_test_file_is_never_beside_the_students_code(folder) -> None:
    (folder / "twice.py").write_text("import twice_test\ndef double(x): return 2 * x\n")
    assert _grade(folder, PASSING) == 1


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


def test_the_function_for_check_is_found_among_its_helpers(folder) -> None:
    (folder / "twice.py").write_text(
        "def twice(x): return half(x) * 4\ndef half(x): return x / 2\n"
    )
    tests = "METADATA = {}\ndef check(candidate):\n    assert candidate(3) == 6\n"
    assert _grade(folder, tests) == 0
    (folder / "twice.py").write_text("def a(x): return b(x) * 4\ndef b(x): return x / 2\n")
    assert _grade(folder, tests) == 0


def test_a_file_name_that_is_no_name_in_python_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "two-fer.py").write_text("def two(x): return 2 * x\n")
    test = tmp_path / "two_fer_test.py"
    test.write_text(
        "import importlib\nfrom two_fer import two\n"
        "def test_it(): assert importlib.import_module('two-fer').two(2) == two(2) == 4\n"
    )
    assert main(["grade", "--solution", str(tmp_path / "two-fer.py"), "--tests", str(test)]) == 0


def test_a_source_is_read_in_the_encoding_that_it_declares(folder) -> None:
    source = "# -*- coding: latin-1 -*-\ndef double(x): return 'é' * x\n"
    (folder / "twice.py").write_bytes(source.encode("latin-1"))
    assert _grade(folder, "assert double(2) == '\\xe9\\xe9'\n") == 0


def test_a_solution_that_is_no_text_is_not_passed(folder, capsys) -> None:
    (folder / "twice.py").write_bytes(b"X = '\xe9'\n")
    assert _grade(folder, PASSING, "--json") == 1
    assert "cannot be read" in json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize("limit", ["abc", "-1", "0", "nan", "1e9", ""])
def test_a_limit_that_is_no_number_is_told_in_the_wanted_form(folder, capsys, limit: str) -> None:
    assert _grade(folder, PASSING, "--json", f"--limit-cpu={limit}") == 2
    assert "--limit-cpu" in json.loads(capsys.readouterr().out)["error"]
