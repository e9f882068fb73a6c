"""How the parts of `make test` are run: what gets a second try, and what is a failure at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARTS = Path(__file__).parents[2] / ".ci" / "parts.py"
FAILS_ONCE = """
from pathlib import Path
import os, pytest, time

@pytest.mark.parametrize("here", {names!r})
def test_once(here):
    file = Path(__file__).with_suffix("." + "".join(filter(str.isalnum, here)))
    if not file.exists():
        file.touch()
        {how}
"""
SETTINGS = "[pytest]\ntimeout = 1\naddopts = -ra -p pytest_timeout\n"
#: Of a plugin; each of all that are installed here would be loaded two dozen times.
OPTION = "def pytest_addoption(parser):\n    parser.addoption('--output')\n"


@pytest.fixture
def run(tmp_path):
    """Runs each named text as a part of its own; the exit code, and what the terminal shows."""
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "conftest.py").write_text(OPTION)

    def run(silence=60, **parts):
        words = [sys.executable, PARTS, "--jobs=2", f"--silence={silence}"]
        for name, text in parts.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / f"test_{name}.py").write_text(text)
            words.append(f"{name}={name}")
        plain = {**os.environ, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            words, cwd=tmp_path, env=plain, capture_output=True, text=True, check=False
        )
        assert not done.stderr
        return done.returncode, done.stdout

    return run


def once(how="raise ValueError('the first time')", names=("x",)):
    return FAILS_ONCE.format(names=names, how=how)


GOOD = "def test_good(): pass\n"
NEVER = "def test_never(): raise ValueError('what is wrong')\n"


def test_what_passes_is_counted_and_nothing_is_tried_again(run):
    code, told = run(one=GOOD, other=GOOD + "import pytest\ndef test_away(): pytest.skip('no')\n")
    assert (code, "second" in told.lower()) == (0, False)
    assert told.splitlines()[-1] == "2 passed, 0 failed, 1 skipped"


def test_what_passes_alone_is_green_and_told_with_both_logs(run, tmp_path):
    code, told = run(one=GOOD + once(), other=GOOD)
    assert code == 0, told
    _, _, end = told.partition("NEEDED A SECOND TRY: 1 of the tests failed at first.")
    assert "one/test_one.py::test_once[x]" in end
    assert ".venv/tests/one.log" in end
    assert ".venv/tests/second-1.log" in end
    assert told.splitlines()[-1] == "3 passed (1 in a second try), 0 failed, 0 skipped"
    assert "the first time" not in told
    assert "the first time" in (tmp_path / ".venv/tests/one.log").read_text()
    assert "1 passed" in (tmp_path / ".venv/tests/second-1.log").read_text()


def test_what_fails_again_is_a_failure_with_both_logs(run):
    code, told = run(one=once(), other=NEVER)
    assert code == 1
    assert told.count("ValueError: what is wrong") >= 2
    assert told.index("Everything in .venv/tests/other.log") < told.index("second-2.log")
    assert told.splitlines()[-2:] == ["FAILED TWICE", "    other/test_other.py::test_never"]


def test_what_is_left_out_when_it_is_tried_again_has_not_passed(run):
    skips = once() + "    else: pytest.skip('no more')\n"
    code, told = run(one=skips)
    assert (code, "FAILED TWICE" in told) == (1, True)


def test_names_with_odd_values_are_found_again(run):
    code, told = run(one=once(names=("a b", "x::y", "[1]-'\"é\n")))
    assert code == 0, told
    assert "3 passed (3 in a second try)" in told


def test_many_failures_are_not_tried_again(run):
    code, told = run(one=once(names=("a", "b")), other=once(names=("c", "d")))
    assert (code, "second try" in told) == (1, False)
    assert told.count("Everything in") == 2
    assert told.splitlines()[-1].strip() == "other/test_other.py::test_once[d]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        (once("os._exit(1)"), "exit code 1"),
        (once("os.abort()"), "Fatal Python error: Aborted"),
        ("", "exit code 5"),
    ],
    ids=["collection", "ended", "crashed", "nothing to run"],
)
def test_what_is_no_matter_of_one_test_is_a_failure_at_once(run, text, said):
    code, told = run(one=text, other=once())
    assert (code, "second try" in told) == (1, False)
    assert said in told


def test_after_ctrl_c_no_other_part_begins(tmp_path):
    text = "import pathlib, time\ndef test_it(): pathlib.Path('begun').touch(); time.sleep(60)\n"
    (tmp_path / "test_it.py").write_text(text)
    process = subprocess.Popen(
        [sys.executable, PARTS, "one=.", "other=."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert (process.returncode, "other: begins" in told) == (130, False), told


def test_a_test_that_hangs_is_ended_by_its_timeout_and_tried_again(run, tmp_path):
    code, told = run(one=once("time.sleep(60)"))
    assert code == 0, told
    assert "Timeout" in (tmp_path / ".venv/tests/one.log").read_text()


def test_a_part_that_hangs_outside_of_tests_is_ended_with_a_trace(run):
    code, told = run(silence=4, one="import time\ntime.sleep(60)\n")
    assert (code, "second try" in told) == (1, False)
    assert "Nothing was said for 4 seconds" in told
    assert "Fatal Python error: Aborted" in told
    assert "most recent call first" in told
