"""Programs that a test talks with, line by line."""

from __future__ import annotations

from grader.protocol import Limits
from tests.grader.conftest import Grade, failures

GAME = """
secret = 37
def helper(): return 7
def main():
    while (guess := int(input("Guess: "))) != secret:
        print("higher" if guess < secret else "lower")
    print("Right!")
if __name__ == "__main__": main()
"""
TALK = """
import subprocess, sys
import pytest
import answer
PIPE = subprocess.PIPE
def start(**options):
    command = [sys.executable, "answer.py"]
    return subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, **options)
def play(game):
    low, high = 1, 100
    while low <= high:
        guess = (low + high) // 2
        print(guess, file=game.stdin, flush=True)
        line = game.stdout.readline()
        if "Right" in line: return True
        low, high = (guess + 1, high) if "higher" in line else (low, guess - 1)
    return False
def test_to_the_end():
    with start() as game: assert play(game)
    assert game.returncode == 0
def test_two_at_once_and_a_call_between():
    left = start()
    left.stdin.write("1\\n")
    assert left.stdout.readline() == "Guess: higher\\n"
    assert answer.helper() == 7
    other = start(stderr=subprocess.STDOUT)
    assert other.poll() is None and play(other) and other.wait() == 0 == other.poll()
    assert left.poll() is None
def test_both_wait():
    with pytest.raises(AssertionError, match="waits for input"): start().stdout.readline()
def test_what_the_test_prints_is_its_own(capsys):
    game = start()
    game.stdin.write("1\\n")
    game.stdout.readline()
    print("mine")
    assert capsys.readouterr().out == "mine\\n"
def test_input_ends():
    game = subprocess.Popen(["python", "answer.py"], stdin=PIPE, stdout=PIPE, stderr=PIPE)
    game.stdin.write(b"99\\n1\\n")
    game.stdin.close()
    assert list(game.stdout) == [b"Guess: lower\\n", b"Guess: higher\\n", b"Guess: "]
    assert b"EOFError" in game.stderr.read() and game.wait() == 1
def test_after_all(): assert answer.helper() == 7
"""


async def test_a_test_talks_with_a_program_by_turns(grade_suite: Grade) -> None:
    assert failures(await grade_suite(GAME, TALK)) == []

    wrong = await grade_suite(GAME.replace("guess <", "guess >"), TALK)
    passed = {test.name for test in wrong.tests if test.status == "passed"}
    assert passed == {"test_both_wait", "test_what_the_test_prints_is_its_own", "test_after_all"}


async def test_a_program_in_a_talk_keeps_its_limits(grade_suite: Grade) -> None:
    short = Limits(cpu_seconds=0.5, wall_seconds=3)

    loop = GAME.replace("print(", "while True: len(")
    late = await grade_suite(loop, TALK, limits=short)
    assert late.status == "timeout"
    assert "timeout" in {test.status for test in late.tests}
    gone = "import os\ndef leave(*_): os._exit(0)\n" + GAME.replace("print(", "leave(")
    ended = await grade_suite(gone, TALK)
    assert ended.reason == "crash"
    passed = {test.name for test in ended.tests if test.status == "passed"}
    assert passed == {"test_both_wait", "test_after_all"}


async def test_standard_input_is_file_number_0(grade_suite: Grade) -> None:
    code = "with open(0) as lines:\n    print(sum(map(int, lines.read().split())))\n"
    test = """
    import subprocess, sys
    def test_sum():
        done = subprocess.run([sys.executable, "answer.py"], input="1 2\\n3", stdout=-1, text=True)
        assert done.stdout == "6\\n"
    """

    assert failures(await grade_suite(code, test)) == []
    lines = "print(sum(int(w) for line in open(0, 'rb') for w in line.split()))\n"
    assert failures(await grade_suite(lines, test)) == []
    assert (await grade_suite(code.replace("sum(", "max("), test)).status == "failed"
