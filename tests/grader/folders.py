"""Folders of small exercises, made for the tests of batch grading; and one graded by itself."""

from __future__ import annotations

from pathlib import Path

from grader.pool import GraderPool
from grader.protocol import Limits
from pythonmastery_ext.grading.bar import Bar
from pythonmastery_ext.grading.batch import Batch, Report
from pythonmastery_ext.grading.exercise import Exercise

#: Solutions, by how they turn out; `{n}` is the number of the exercise.
SOLUTIONS = (
    "def plus(x):\n    return x + {n}\n",
    "def plus(x):\n    return x + {n} if x else 0\n",
    "def plus(x):\n    return [x, {n}]\n",
    "def plus(x):\n    raise ValueError('not {n}')\n",
    "def plus(x)\n    return x\n",
    "def minus(x):\n    return x - {n}\n",
    "class Number(int):\n    pass\ndef plus(x):\n    return Number(x + {n})\n",
)
TESTS = (
    "from ex{n} import plus\n\n"
    "def test_zero():\n    assert plus(0) == {n}\n\n"
    "def test_one():\n    assert plus(1) == {n} + 1\n",
    "import unittest\nfrom ex{n} import plus\n\n"
    "class PlusTest(unittest.TestCase):\n"
    "    def test_many(self):\n"
    "        for x in range(5):\n"
    "            with self.subTest(x=x):\n"
    "                self.assertEqual(plus(x), x + {n})\n",
    "assert plus(2) == {n} + 2\nassert plus(0) == {n}\n",
)


async def graded(pool: GraderPool, solution: Path, tests: Path) -> Report:
    """As `pythonmastery grade --solution --tests` grades it; a pool that runs already does."""
    limits = Limits(cpu_seconds=10, wall_seconds=30, memory_mb=512, processes=64)
    batch = Batch(items=(), limits=limits, minimum="own", jobs=1, bar=Bar(1, "", quiet=True))
    return await batch._report(pool, Exercise.of(solution, tests))


def make(root: Path, count: int) -> Path:
    for n in range(count):
        folder = root / f"ex{n:03}"
        folder.mkdir(parents=True)
        # A test file without imports names its solution by its own name.
        (folder / f"ex{n}.py").write_text(SOLUTIONS[n % len(SOLUTIONS)].format(n=n))
        (folder / f"ex{n}_test.py").write_text(TESTS[n % len(TESTS)].format(n=n))
    return root
