"""What a student's object may decide, and what of a hidden test a student is told."""

from __future__ import annotations

import dataclasses

import pytest

from grader.protocol import Verdict, to_json
from tests.grader.conftest import Grade, as_tests, failures


@pytest.mark.parametrize("visible", ["sample", "hidden"])
async def test_values_of_hidden_tests_are_withheld(visible: str, grade: Grade) -> None:
    code = "def total(rows):\n    print(rows)\n    raise ValueError(rows)\n"

    verdict = await grade(code, ["assert total([987654]) == 1, 'be careful'"], visible=visible)

    assert ("987654" in to_json(verdict)) is (visible == "sample")


async def test_a_student_may_not_replace_names_of_the_tests(grade: Grade) -> None:
    code = """
    class Decimal:
        def __init__(self, *a): pass
        def __eq__(self, other): return True
    def sorted(x): return x
    def total(rows): return Decimal()
    """
    given = "from decimal import Decimal"
    tests = ["assert total([]) == Decimal('1')", "assert sorted([2, 1]) == [2, 1] and total([1])"]

    verdict = await grade(code, tests, given=given, visible="hidden")

    assert verdict.points == 0


LIAR = """
class Liar(float):
    def __getattr__(self, name): return lambda *a, **k: True
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, *a: True
    __sub__ = __rsub__ = __add__ = __radd__ = __abs__ = lambda self, *a: 0.0
    __len__ = lambda self: 3
    __hash__ = float.__hash__
class Other:
    def __float__(self): return 3.0
for name in vars(Liar):
    if name not in ("__dict__", "__weakref__", "__doc__", "__module__"):
        setattr(Other, name, vars(Liar)[name])
def total(rows): return Liar(99) if KIND else Other()
"""
ASKING = [
    "assert abs(total([1, 2]) - 3) < 1e-9",
    "assert 3 - total([1, 2]) == 0 or total([1, 2]) - 3 == 0",
    "import unittest\nclass T(unittest.TestCase):\n"
    "    def test_it(self): self.assertAlmostEqual(total([1, 2]), 3)",
    "import pytest\nassert total([1, 2]) == pytest.approx(3)",
    "assert 2 < total([1, 2]) < 4 and 3 in total([1, 2])",
    "assert total([1, 2]).is_integer() and total([1, 2]).startswith('3')",
    "assert len(total([1, 2])) == 3",
    "assert [total([1, 2])].count(3) == 1",
    "import math\nassert math.isclose(total([1, 2]), 3)",
]


@pytest.mark.parametrize("kind", ["True", "False"], ids=["a subclass of float", "its own class"])
async def test_a_students_class_answers_no_question_about_a_plain_value(kind, grade) -> None:
    tests = as_tests(ASKING, visible="hidden")
    tests = (*tests, dataclasses.replace(tests[0], key="t", source=TOLERANT, tolerance=0.01))

    verdict: Verdict = await grade(LIAR.replace("KIND", kind), tests)

    assert [test.key for test in verdict.tests if test.status == "passed"] == []


TOLERANT = "assert total([1, 2]) == 3"


async def test_a_tolerance_is_not_left_to_the_students_arithmetic(grade: Grade) -> None:
    test = dataclasses.replace(as_tests(TOLERANT)[0], tolerance=0.01)

    verdict = await grade(LIAR.replace("KIND", "True"), (test,), objects=True)

    assert verdict.points == 0


async def test_a_test_that_swallows_the_end_of_the_process_does_not_pass(grade: Grade) -> None:
    tests = [
        "try: total([])\nexcept BaseException: assert True",
        "import pytest\nwith pytest.raises(BaseException): total([])",
    ]
    for source in tests:
        verdict = await grade("import os\ndef total(rows): os._exit(0)\n", source)
        assert (verdict.status, verdict.points) == ("failed", 0)


async def test_functions_iterators_and_opaque_objects_can_still_be_used(grade: Grade) -> None:
    code = """
    import contextlib, functools
    class Machine: count = 0
    def start(): return Machine()
    def step(machine): machine.count += 1; return machine.count
    @functools.lru_cache
    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
    def pairs(xs): return zip(xs, xs[1:])
    def adder(n): return lambda x: x + n
    @contextlib.contextmanager
    def opened(): yield 5
    def counted(f):
        def g(): g.calls += 1; return f()
        g.calls = 0
        return g
    """
    tests = [
        "m = start()\nassert step(m) == 1\nassert step(m) == 2",
        "assert fib(30) == 832040\nassert fib.cache_info().misses == 31\nfib.cache_clear()",
        "assert list(pairs([1, 2, 3])) == [(1, 2), (2, 3)]",
        "assert adder(2)(3) == 5",
        "with opened() as x: assert x == 5",
        "f = counted(lambda: 3)\nassert f() == 3\nassert f.calls == 1",
    ]
    verdict = await grade(code, tests)

    assert failures(verdict) == []
