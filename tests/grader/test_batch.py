"""`pythonmastery grade --each` on many exercises: the same verdicts, a bar, and going on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pythonmastery_ext.cli import main
from pythonmastery_ext.grading import batch, journal
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.finding import find_exercises
from tests.grader.folders import SOLUTIONS, TESTS, make

EXERCISES = Path(__file__).parent / "exercises"
#: Each kind of solution with each kind of tests.
MANY = len(SOLUTIONS) * len(TESTS)
#: To start a second kernel takes longer than to grade a few of these.
ONE = ("--jobs", "1")
CLI = [sys.executable, "-m", "pythonmastery_ext.cli", "grade"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("many"), MANY)


def grade(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict], str]:
    status = main(["grade", "--json", *words])
    said = capsys.readouterr()
    return status, json.loads(said.out), said.err


def in_one_kernel(items: list[batch.Item]) -> list[dict]:
    """What one pool with one kernel tells, in this order."""
    limits = batch.Limits(cpu_seconds=10, wall_seconds=30, memory_mb=512, processes=64)
    quiet = Bar(len(items), "", quiet=True)
    run = batch.Batch(items=items, limits=limits, minimum="own", jobs=1, bar=quiet)
    return asyncio.run(run.run())


@pytest.mark.timeout(400)
def test_a_batch_gives_the_verdicts_of_one_by_one(many: Path, capsys) -> None:
    _, together, said = grade(capsys, "--each", str(many))
    items = find_exercises(many)

    # As `--solution --tests` does; and each after others than those that came before it there.
    assert [*in_one_kernel(items[:1]), *in_one_kernel(items[-1:])] == together[:: MANY - 1]
    assert in_one_kernel(items[::-1]) == together[::-1]
    assert len(together) == MANY
    assert {report["status"] for report in together} == {"passed", "partial", "failed"}
    assert said.splitlines()[-1] == f"graded {MANY} of {MANY}"


@pytest.mark.timeout(400)
def test_our_own_corpus_is_graded_alike_with_one_kernel_and_with_three(
    tmp_path: Path, capsys
) -> None:
    for folder in sorted(EXERCISES.iterdir())[::6]:
        (tmp_path / folder.name).symlink_to(folder)
    _, one, _ = grade(capsys, "--each", str(tmp_path), "--jobs", "1")
    _, three, _ = grade(capsys, "--each", str(tmp_path), "--jobs", "3")
    assert len(one) > 5
    assert one == three
    assert {report["status"] for report in one} == {"passed"}


def test_a_second_run_takes_what_is_in_the_journal(tmp_path: Path, capsys, monkeypatch) -> None:
    folder, kept = make(tmp_path / "x", 8), tmp_path / "journal"
    words = ("--each", str(folder), "--journal", str(kept), *ONE)
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
    _, reports, _ = grade(capsys, *words, "--resume", *ONE)
    assert len(reports) == 12
    assert kept.read_text().count("\n") == 12


def _until_closed(terminal: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 65536):
            yield data


def test_a_terminal_sees_a_bar_and_the_result_stays_alone_on_stdout(tmp_path: Path) -> None:
    folder = make(tmp_path / "x", 6)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*CLI, "--each", str(folder), "--json", *ONE],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    read: list[bytes] = []
    # While it runs: a terminal that nobody reads is full soon, and then it would wait for ever.
    reader = threading.Thread(target=lambda: read.extend(_until_closed(ours)))
    reader.start()
    out, _ = process.communicate(timeout=100)
    reader.join()
    os.close(ours)
    seen = b"".join(read)

    assert len(json.loads(out)) == 6
    assert b"/6" in seen
    assert "\u2501".encode() in seen


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "1000"])
def test_a_number_of_jobs_that_is_none_is_told(tmp_path: Path, capsys, jobs: str) -> None:
    assert main(["grade", "--each", str(make(tmp_path / "x", 1)), f"--jobs={jobs}"]) == 2
    assert "--jobs" in capsys.readouterr().err


def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path: Path, capsys) -> None:
    folder, kept = make(tmp_path / "x", 4), tmp_path / "journal"
    words = ["--each", str(folder), "--journal", str(kept)]

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))

    # By a limit on the size of files: the sandbox writes none that are larger.
    program = "import sys; from pythonmastery_ext.grading.journal import Journal\n"
    program += "from pathlib import Path\nj = Journal(Path(sys.argv[1]), resume=False)\n"
    program += "for n in range(9): j.keep(str(n), {'tests': ['x' * 150]})\n"
    ended = subprocess.run(
        [sys.executable, "-c", program, str(kept)],
        preexec_fn=little_room,
        capture_output=True,
        text=True,
    )
    assert "The results before this one are kept: make room" in ended.stderr
    assert [json.loads(line)["key"] for line in kept.read_text().splitlines()[:3]] == [*"012"]
    _, reports, _ = grade(capsys, *words, "--resume", *ONE)
    assert len(reports) == 4


def test_what_is_not_graded_is_named(tmp_path: Path, capsys) -> None:
    folder = make(tmp_path / "x", 1)
    (folder / "notes").mkdir()
    (folder / "notes/draft.py").write_text("x = 1\n")
    (folder / "test_alone.py").write_text("assert True\n")

    status, reports, said = grade(capsys, "--each", str(folder))
    assert (status, len(reports)) == (0, 1)
    left = [line for line in said.splitlines() if line.startswith("left out: ")]
    assert [Path(line.split(": ")[1]).name for line in left] == ["test_alone.py", "notes"]


def test_one_that_vanishes_meanwhile_is_told_and_the_others_are_graded(
    tmp_path: Path, monkeypatch
) -> None:
    folder = make(tmp_path / "x", 3)
    items = find_exercises(folder)
    (folder / "ex001" / "ex1.py").unlink()
    limits = batch.Limits(cpu_seconds=10, wall_seconds=30)
    run = batch.Batch(items=items, limits=limits, minimum="own", jobs=1, bar=Bar(3, "", quiet=True))

    reports = asyncio.run(run.run())
    assert [report["status"] for report in reports] == ["passed", "error", "failed"]
    assert "ex1.py: cannot be read" in reports[1]["error"]
