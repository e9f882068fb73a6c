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
def test_a_batch_gives_the_verdicts_of_one_by_one(tmp_path: Path, capsys) -> None:
    many = make(tmp_path, MANY)
    # And some of our own, which have helpers and look at more.
    for folder in sorted(EXERCISES.glob("[a-z]*"))[::8]:
        (many / folder.name).symlink_to(folder)
    _, together, said = grade(capsys, "--each", str(many), "--jobs", "2")
    items = find_exercises(many)
    vanished = items.index(next(item for item in items if item.name == "ex003"))
    (many / "ex003" / "ex3.py").unlink()

    # Each after others than those that came before it there; the first of a run is alone so far,
    # as `--solution --tests` grades it.
    one_by_one = in_one_kernel(items[::-1])[::-1]
    assert "ex3.py: cannot be read" in one_by_one.pop(vanished)["error"]
    assert together.pop(vanished)["status"] == "failed"
    assert one_by_one == together
    assert len(together) > MANY + 3
    made = [report["status"] for report in together if report["name"][:2] == "ex"]
    assert set(made) == {"passed", "partial", "failed"}
    others = {report["status"] for report in together if report["name"][:2] != "ex"}
    assert others == {"passed"}
    assert said.splitlines()[-1] == f"graded {len(items)} of {len(items)}"


def test_a_second_run_takes_what_is_in_the_journal(tmp_path: Path, capsys) -> None:
    folder, kept = make(tmp_path / "x", 4), tmp_path / "journal"
    words = ("--each", str(folder), "--journal", str(kept), *ONE)
    _, first, _ = grade(capsys, *words)
    lines = kept.read_text().splitlines()
    assert len(lines) == 4

    (folder / "ex001" / "ex1_test.py").write_text("assert plus(0) == 2\n")
    (folder / "ex002" / "ex2.py").write_text("def plus(x):\n    return x + 2\n")
    _, second, _ = grade(capsys, *words, "--resume")
    assert [second[0], second[3]] == [first[0], first[3]]
    assert second[1] != first[1]
    assert second[2]["status"] == "passed"
    assert kept.read_text().splitlines()[:4] == lines
    assert len(kept.read_text().splitlines()) == 6


def test_a_result_is_of_its_limits_its_level_and_its_grader(tmp_path: Path, monkeypatch) -> None:
    (item,) = find_exercises(make(tmp_path, 1))
    usual, long = (
        batch._request(item, batch.Limits(cpu_seconds=seconds, wall_seconds=30))
        for seconds in (9, 10)
    )
    keys = [journal.key_of(usual, "full") for _ in range(2)]
    keys += [journal.key_of(usual, "degraded"), journal.key_of(long, "full")]
    monkeypatch.setattr(journal, "grader_sha", lambda: "another grader")
    keys.append(journal.key_of(usual, "full"))
    assert keys[0] == keys[1]
    assert len({*keys}) == 4


def test_a_journal_is_not_overwritten_by_mistake(tmp_path: Path, capsys) -> None:
    folder, kept = make(tmp_path / "x", 1), tmp_path / "journal"
    (folder / "notes").mkdir()
    (folder / "notes/draft.py").write_text("x = 1\n")
    (folder / "test_alone.py").write_text("assert True\n")
    kept.write_text('{"key": "')
    words = ["grade", "--each", str(folder)]
    assert main([*words, "--journal", str(kept)]) == 2
    assert "add --resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 2
    assert "--journal" in capsys.readouterr().err
    assert main([*words, "--journal", str(tmp_path)]) == 2
    assert "cannot be used as a journal" in capsys.readouterr().err

    # What is half a line is graded again; what is not graded at all is named.
    status, reports, said = grade(capsys, *words[1:], "--journal", str(kept), "--resume")
    assert (status, len(reports)) == (0, 1)
    first, second = kept.read_text().splitlines()
    assert first == '{"key": "'
    assert json.loads(second)["report"]["status"] == "passed"
    left = [line for line in said.splitlines() if line.startswith("left out: ")]
    assert [Path(line.split(": ")[1]).name for line in left] == ["test_alone.py", "notes"]


@pytest.mark.timeout(400)
def test_a_broken_run_goes_on_where_it_was_and_a_terminal_sees_how_far_it_is(
    tmp_path: Path,
) -> None:
    folder, kept = make(tmp_path / "x", 6), tmp_path / "journal"
    words = ["--each", str(folder), "--journal", str(kept)]
    for number, waiting, more in (
        (signal.SIGINT, (1, 2), ["--jobs", "2"]),
        (signal.SIGTERM, (3,), ["--resume", *ONE]),
        (signal.SIGKILL, (5,), ["--resume", *ONE]),
    ):
        places = [folder / f"ex{n:03}" / f"ex{n}.py" for n in waiting]
        for place in places:
            place.write_text("import time\ndef plus(x): time.sleep(60)\n")
        ended, said = _broken([*words, *more], kept, waiting[0], number)
        assert kept.read_text().count("\n") == waiting[0]
        if number != signal.SIGKILL:
            assert ended == 130
            assert f"Go on with: pythonmastery grade {' '.join(words)} --resume" in said
        for place in places:
            place.write_text("def plus(x): return x + 1\n")
    out, seen = _in_a_terminal([*words, "--resume", *ONE])
    assert len(json.loads(out)) == 6
    assert kept.read_text().count("\n") == 6
    assert b"/6" in seen
    assert "\u2501".encode() in seen


def _broken(words: list[str], kept: Path, lines: int, number: int) -> tuple[int, str]:
    """Ends a run by this signal once so many lines are kept: its exit status, and what it said."""
    process = subprocess.Popen([*CLI, *words], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if kept.exists() and kept.read_text().count("\n") >= lines:
            break
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def _until_closed(terminal: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 65536):
            yield data


def _in_a_terminal(words: list[str]) -> tuple[bytes, bytes]:
    """What comes on stdout, and what the terminal is shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*CLI, *words, "--json"],
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
    return out, b"".join(read)


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "1000"])
def test_a_number_of_jobs_that_is_none_is_told(tmp_path: Path, capsys, jobs: str) -> None:
    assert main(["grade", "--each", str(make(tmp_path / "x", 1)), f"--jobs={jobs}"]) == 2
    assert "--jobs" in capsys.readouterr().err


def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path: Path) -> None:
    kept = tmp_path / "journal"

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
    again = journal.Journal(kept, resume=True)
    assert [bool(again.find(key)) for key in "0128"] == [True, True, True, False]
    again.keep("8", {"tests": []})
    assert json.loads(kept.read_text().splitlines()[-1])["key"] == "8"
    again.close()
