"""A runner that serves a suite again tells what a new one would, whatever came before."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import signal
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest

from benchmarks.problem import COURSE
from grader import kept
from grader.protocol import GradeRequest, Limits, Verdict
from grader.reusable import suite_of
from pythonmastery_ext.curriculum.format import read_problem
from pythonmastery_ext.curriculum.student import starter_code
from pythonmastery_ext.grading.client import request_for
from tests.grader.again import Ground, ground, suite, without_measures
from tests.grader.corpus import exercises

RIGHT = "def give(x=None): return x"
#: Suites side by side, so that each one's runner has a chance to wait for the next submission.
TOGETHER = kept.MOST


@pytest.fixture(scope="module")
async def both() -> AsyncIterator[Ground]:
    async with ground() as both:
        yield both


def _corpus() -> Iterator[tuple[GradeRequest, list[str]]]:
    """Suites that allow it, with right and wrong solutions: of the corpus, and of the course."""
    for number, exercise in enumerate(exercises()):
        request = suite(exercise.tests, visible="sample" if number % 2 else "hidden")
        filename = f"test_{exercise.name}.py"
        test = dataclasses.replace(request.tests[0], suite=True, filename=filename)
        request = dataclasses.replace(request, tests=(test,), module=exercise.name)
        if suite_of(request) is not None:
            yield request, [exercise.solution, *exercise.wrong]
    for path in sorted(COURSE.glob("*/*.ipynb")):
        content = read_problem(path)
        request = request_for("0", "submit", "", content)
        if suite_of(request) is not None:
            wrongs = [wrong.source for wrong in content.wrongs]
            yield request, [content.solution.source, *wrongs, starter_code(content), "def f(:"]


@pytest.mark.timeout(400)
async def test_it_tells_the_same_as_one_of_a_single_use(both: Ground) -> None:
    chance = random.Random(20260728)  # noqa: S311 - an order, and which
    suites = list(_corpus())
    suites = chance.sample(suites, len(suites) // 2)
    both.taken.clear()

    for start in range(0, len(suites), TOGETHER):
        some = suites[start : start + TOGETHER]
        work = [(request, code) for request, codes in some for code in codes]
        alone = [await both.alone(request, code, seed) for seed, (request, code) in enumerate(work)]
        # The first of each suite, so that a runner waits for all the others; most come to one.
        places = range(len(work))
        first = [n for n in places if n == 0 or work[n][0] is not work[n - 1][0]]
        for seed in [*first, *chance.sample(places, len(work))]:
            request, code = work[seed]
            verdict = await both.grade(request, code, seed)
            if "set(" in code:  # each grader has its own order of what is in one
                assert _statuses(verdict) == _statuses(alone[seed]), request.module
            else:
                assert without_measures(verdict) == without_measures(alone[seed]), request.module

    assert len(suites) > 15
    assert both.taken.count(0) > 40


def _statuses(verdict: Verdict) -> list[str]:
    return [verdict.status, *(test.status for test in verdict.tests)]


#: Tests in which something could stay, and code that would profit from it: what the first leaves
#: must not be there for the second, which alone would be told the same.
_STATE = {
    "a cache of the tests": (
        "from functools import lru_cache\n@lru_cache\ndef wanted(n): return [n]\n"
        "wanted(1).append(give(2))\nassert wanted(1) == [1, 2]",
        RIGHT,
        "def give(x): return 2",
    ),
    "a list of the tests": (
        "SEEN = []\ndef note(value, seen=[]):\n    SEEN.append(value); seen.append(value)\n"
        "    return len(seen)\nassert note(give(1)) == 1\nassert len(SEEN) == 1",
        RIGHT,
        RIGHT,
    ),
    "a class of the tests": (
        "import unittest\nclass T(unittest.TestCase):\n    seen = {}\n"
        "    def test_it(self):\n        self.assertNotIn(1, self.seen)\n"
        "        self.seen[1] = give(1)\n",
        RIGHT,
        RIGHT,
    ),
    "the context of decimal": (
        "import decimal\nassert str(decimal.Decimal(1) / 3) == '0.' + '3' * 28\n"
        "decimal.setcontext(decimal.Context(prec=give(3)))\n"
        "assert str(decimal.Decimal(1) / 3) == '0.333'",
        RIGHT,
        RIGHT,
    ),
    "patterns": (
        "import re\nfor n in range(600): re.search(give(f'a{n}|b'), 'b')\n"
        "assert re.search(give('b'), 'abc') and not re.search('B', 'abc')",
        RIGHT,
        "def give(x): return 'B' if x == 'b' else x",
    ),
    "text that is one object": (
        "text = give('a' * 30)\nassert text == 'a' * 30 and give(text) is text",
        RIGHT,
        "def give(x): return ''.join(list(x))",
    ),
    "names in the tests' own file": (
        "import pytest\ntry: found = hidden_before\nexcept NameError: found = None\n"
        "hidden_before = give(1)\nassert found is None",
        "hidden_before = None\n" + RIGHT,
        RIGHT + "\nhidden_before = None",
    ),
}


@pytest.mark.parametrize("what", _STATE)
async def test_nothing_carries_over(what: str, both: Ground) -> None:
    source, *codes = _STATE[what]
    request = suite(source)
    alone = [without_measures(await both.alone(request, code)) for code in codes]
    both.taken.clear()

    for turn in (0, 0, 1, 0, 1, 1):
        verdict = await both.grade(request, codes[turn])
        assert without_measures(verdict) == alone[turn]

    assert 0 in both.taken, "no runner served the suite again"


async def test_random_numbers_are_new_for_each_submission(both: Ground) -> None:
    request = suite("import random\ngive(random.random())\nrandom.seed(give(7))")
    code = "def give(x):\n    print(x)\n    return x"
    both.taken.clear()

    seen = {(await both.grade(request, code)).stdout.split()[0] for _ in range(6)}

    assert len(seen) == 6
    assert both.taken == [1, 0, 0, 0, 0, 0]


async def test_the_order_of_the_tests_is_drawn_for_each_submission(both: Ground) -> None:
    request = suite(*(f"give({n})" for n in range(6)))
    code = "def give(x): print(x)"

    told = [(await both.grade(request, code, seed)).stdout for seed in (1, 2, 3, 1)]

    assert len(set(told)) == 3
    assert told[0] == told[3] == (await both.alone(request, code, 1)).stdout


async def test_processor_time_is_that_of_one_submission(both: Ground) -> None:
    source = "assert sum(range(give(4_000_000))) > 0"
    request = suite(source, limits=Limits(cpu_seconds=0.1, wall_seconds=9))
    both.taken.clear()

    # Together they take more than the limit of one, which is 2 seconds.
    while max(map(_processor_time, _runners(both))) < 2.5:
        assert (await both.grade(request, RIGHT)).status == "passed"

    assert both.taken.count(1) == 1
    assert (await both.grade(request, "def give(x): return x * 10000")).status == "timeout"
    assert (await both.grade(request, RIGHT)).status == "passed"


async def test_a_value_that_hangs_the_decoder_ends_its_own_runner_only(both: Ground) -> None:
    request = suite("assert give() != 1", limits=Limits(cpu_seconds=0.3, wall_seconds=2))
    hanging = "def give():\n    big = 2 ** 61 - 1\n    return {n * big for n in range(12000)}"
    assert (await both.grade(request, "def give(): return 2")).status == "passed"

    hung = await both.grade(request, hanging)
    both.taken.clear()

    assert hung.status in ("timeout", "failed", "partial")
    assert (await both.grade(request, "def give(): return 2")).status == "passed"


@pytest.mark.parametrize(
    "code",
    [
        "import os\ndef give(x): os._exit(0)",
        "class A: pass\ndef give(x): return A()",
        "class E(Exception): pass\ndef give(x): raise E",
        "def give(x): return (n for n in [x])",
        "import warnings\ndef give(x): warnings.warn(f'{x} is odd')\n",
        "def give(x):\n    while True: pass",
        "raise ValueError",
        "def give(x): raise MemoryError",
        "def give(x): return bytearray(300 << 20)",
    ],
)
async def test_after_anything_but_plain_values_the_runner_ends(code: str, both: Ground) -> None:
    request = suite("assert give(1) == 1", limits=Limits(cpu_seconds=0.5, wall_seconds=2))
    assert (await both.grade(request, RIGHT)).status == "passed"
    assert both.waits()
    both.taken.clear()

    verdict = await both.grade(request, code)
    after = await both.grade(request, RIGHT)

    assert verdict.status not in ("passed", "error")
    assert after.status == "passed"
    assert both.taken == [0, 1]


def _runners(both: Ground) -> list[psutil.Process]:
    nursery = psutil.Process(both.again._nurseries["plain"]._process.pid)
    found = []
    for each in nursery.children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [each] if "grader.nursery" in str(each.cmdline()) else []
    return found


async def test_a_runner_that_is_gone_when_it_is_wanted_is_missed_by_nobody(both: Ground) -> None:
    request = suite("assert give(1) == 1")
    for number in (signal.SIGKILL, signal.SIGSEGV):
        assert (await both.grade(request, RIGHT)).status == "passed"
        assert both.waits()
        # Those that wait for their first submission are replaced, too.
        for runner in _runners(both):
            runner.send_signal(number)
        assert (await both.grade(request, RIGHT)).status == "passed"


async def test_small_growth_over_many_submissions_has_an_end(both: Ground) -> None:
    request = suite("assert len(give(1)) > 0")
    codes = [f"def give(x): return ['{n}' * {n * 900} for _ in range(9)]" for n in range(1, 51)]
    # All that wait are there; the test before may have ended some of them.
    for code in codes[:5]:
        assert (await both.grade(request, code)).status == "passed"
        assert both.waits()
    before = _memory(both)

    for code in codes:
        assert (await both.grade(request, code)).status == "passed"

    assert _memory(both) - before < kept.MOST * (16 << 20)


def _processor_time(runner: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        return sum(runner.cpu_times()[:2])
    return 0.0  # it has just ended


def _memory(both: Ground) -> int:
    found = [runner.memory_info() for runner in _runners(both)]
    return sum(memory.rss - memory.shared for memory in found)


async def test_memory_and_descriptors_stay_the_same_over_hundreds(both: Ground) -> None:
    request = suite(*(f"assert give({n}) == {n}" for n in range(5)))
    for _ in range(20):
        await both.grade(request, RIGHT)
    memory, descriptors = _memory(both), _descriptors(both)
    both.taken.clear()

    for turn in range(200):
        code = RIGHT if turn % 3 else f"def give(x): return [x, '{turn}' * {turn}]"
        verdict = await both.grade(request, code)
        assert verdict.status == ("passed" if turn % 3 else "failed"), verdict.message

    assert both.taken.count(1) <= 2
    assert _memory(both) - memory < 5 << 20
    # One of them may just be closing what the last submission had.
    for _ in range(100):
        if _descriptors(both) <= descriptors:
            break
        await asyncio.sleep(0.05)
    assert _descriptors(both) <= descriptors


def _descriptors(both: Ground) -> int:
    own = psutil.Process()
    return own.num_fds() + sum(runner.num_fds() for runner in _runners(both))
