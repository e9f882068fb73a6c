"""`pythonmastery grade --each` on many exercises: the same verdicts, a bar, and going on."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pythonmastery_ext.cli import main
from pythonmastery_ext.grading import batch, journal
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.exercise import find_exercises
from tests.grader.folders import SOLUTIONS, make

EXERCISES = Path(__file__).parent / "exercises"
CLI = [sys.executable, "-m", "pythonmastery_ext.cli", "grade"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("many"), 63)


def grade(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict], str]:
    status = main(["grade", "--json", *words])
    said = capsys.readouterr()
    return status, json.loads(said.out), said.err


def one_by_one(folder: Path, count: int) -> list[dict]:
    """The first ones, each alone in a pool of its own, as `--solution --tests` does."""
    arguments = batch.Limits(cpu_seconds=10, wall_seconds=30, memory_mb=512, processes=64)
    reports = []
    for item in find_exercises(folder)[:count]:
        alone = batch.Batch(
            items=[item], limits=arguments, minimum="own", jobs=1, bar=Bar(1, "", quiet=True)
        )
        reports += asyncio.run(alone.run())
    return reports


@pytest.mark.timeout(400)
def test_a_batch_gives_the_verdicts_of_one_by_one(many: Path, capsys) -> None:
    _, together, said = grade(capsys, "--each", str(many))

    assert together[: len(SOLUTIONS)] == one_by_one(many, len(SOLUTIONS))
    _, in_a_row, _ = grade(capsys, "--each", str(many), "--jobs", "1")
    assert together == in_a_row
    assert len(together) == 63
    assert {report["status"] for report in together} == {"passed", "partial", "failed"}
    assert said.splitlines()[-1] == "graded 63 of 63"


@pytest.mark.timeout(400)
def test_our_own_corpus_is_graded_alike_with_one_kernel_and_with_three(capsys) -> None:
    _, one, _ = grade(capsys, "--each", str(EXERCISES), "--jobs", "1")
    _, three, _ = grade(capsys, "--each", str(EXERCISES), "--jobs", "3")
    assert one == three
    assert {report["status"] for report in one} == {"passed"}


def test_a_second_run_takes_what_is_in_the_journal(tmp_path: Path, capsys, monkeypatch) -> None:
    folder, kept = make(tmp_path / "x", 8), tmp_path / "journal"
    words = ("--each", str(folder), "--journal", str(kept))
    _, first, _ = grade(capsys, *words)
    lines = kept.read_text().splitlines()
    assert len(lines) == 8

    _, second, _ = grade(capsys, *words, "--resume")
    assert second == first
    assert kept.read_text().splitlines() == lines

    (folder / "ex002" / "ex2.py").write_text("def plus(x):\n    return x + 2\n")
    (folder / "ex004" / "ex4_test.py").write_text("assert plus(0) == 4\n")
    _, third, _ = grade(capsys, *words, "--resume")
    assert len(kept.read_text().splitlines()) == 10
    assert (third[2]["status"], third[3]) == ("passed", first[3])

    grade(capsys, *words, "--resume", "--limit-cpu", "9")
    assert len(kept.read_text().splitlines()) == 18
    monkeypatch.setattr(journal, "grader_sha", lambda: "another grader")
    grade(capsys, *words, "--resume")
    assert len(kept.read_text().splitlines()) == 26


def test_a_journal_is_not_overwritten_by_mistake(tmp_path: Path, capsys) -> None:
    folder, kept = make(tmp_path / "x", 1), tmp_path / "journal"
    kept.write_text('{"key": "')
    words = ["grade", "--each", str(folder)]
    assert main([*words, "--journal", str(kept)]) == 2
    assert "add --resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 2
    assert "--journal" in capsys.readouterr().err
    assert main([*words, "--journal", str(tmp_path)]) == 2
    assert "cannot be used as a journal" in capsys.readouterr().err
    assert main([*words, "--journal", str(kept), "--resume"]) == 0
    first, second = kept.read_text().splitlines()
    assert first == '{"key": "'
    assert json.loads(second)["report"]["status"] == "passed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_broken_run_goes_on_where_it_was(tmp_path: Path, capsys, number: int) -> None:
    folder, kept = make(tmp_path / "x", 12), tmp_path / "journal"
    (folder / "ex011" / "ex11.py").write_text("def plus(x):\n    while True: pass\n")
    words = ["--each", str(folder), "--journal", str(kept)]
    process = subprocess.Popen([*CLI, *words], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if kept.exists() and kept.read_text().count("\n") >= 4:
            break
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)

    before = kept.read_text().count("\n")
    assert 4 <= before < 12
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert f"Go on with: pythonmastery grade {' '.join(words)} --resume" in said
    (folder / "ex011" / "ex11.py").write_text("def plus(x):\n    return x + 11\n")
    _, reports, _ = grade(capsys, *words, "--resume")
    assert len(reports) == 12
    assert kept.read_text().count("\n") == 12


def test_a_terminal_sees_a_bar_and_the_result_stays_alone_on_stdout(tmp_path: Path) -> None:
    folder = make(tmp_path / "x", 6)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*CLI, "--each", str(folder), "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    out, _ = process.communicate(timeout=100)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 65536)
        except OSError:
            break
    os.close(ours)

    assert len(json.loads(out)) == 6
    assert b"/6" in seen
    assert "\u2501".encode() in seen


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "1000"])
def test_a_number_of_jobs_that_is_none_is_told(tmp_path: Path, capsys, jobs: str) -> None:
    assert main(["grade", "--each", str(make(tmp_path / "x", 1)), f"--jobs={jobs}"]) == 2
    assert "--jobs" in capsys.readouterr().err
