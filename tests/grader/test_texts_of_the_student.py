"""Texts and bytes that come from the student's code are never run beside the tests."""

from __future__ import annotations

import pytest

from tests.grader.conftest import Grade, failures

#: Ends the process in which it is evaluated; beside the tests that would be an internal error.
END = "__import__('os')._exit(7)"
GADGET = """
import os, pickle
class Gadget:
    def __reduce__(self): return os.kill, (os.getpid(), 9)
"""


@pytest.mark.parametrize(
    ("code", "test"),
    [
        (f'def add(a: "{END}", b): return a + b', "import typing\ntyping.get_type_hints(add)"),
        (f'class A:\n    x: "{END}"', "from typing import get_type_hints\nget_type_hints(A)"),
        (
            f'def add(a: "{END}", b): return a + b',
            "import inspect\ninspect.get_annotations(add, eval_str=True)",
        ),
        (f'class A:\n    def __repr__(self): return "{END}"', "assert eval(repr(A()))"),
    ],
    ids=["hints of a function", "hints of a class", "annotations", "eval of a repr"],
)
async def test_what_ends_the_process_ends_the_students_own(
    code: str, test: str, grade: Grade
) -> None:
    verdict = await grade(code, test, objects=True)

    assert verdict.status != "error"
    assert verdict.reason == "crash"


@pytest.mark.parametrize("read", ["pickle.loads(give())", "pickle.load(io.BytesIO(give()))"])
async def test_a_pickle_from_the_student_makes_plain_data_and_nothing_else(
    read: str, grade: Grade
) -> None:
    code = f"{GADGET}\ndef give(): return pickle.dumps(Gadget())"
    plain = "import pickle\ndef give(): return pickle.dumps({'a': {1, 2}, 'b': [3.5, None]})"
    test = f"import io, pickle\nassert {read} == {{'a': {{1, 2}}, 'b': [3.5, None]}}"

    refused = await grade(code, test)
    right = await grade(plain, test)

    assert refused.status == "failed"
    assert "is not read from a pickle in a test" in refused.tests[0].message
    assert failures(right) == []


async def test_what_the_test_wrote_itself_is_evaluated_as_ever(grade: Grade) -> None:
    test = "x = 4\nassert eval('x + 1') == 5\nassert eval('add(x, 1)', {'add': add, 'x': 1}) == 2"

    assert failures(await grade("def add(a, b): return a + b", test)) == []


async def test_examples_in_docstrings_run_beside_the_students_code(grade_suite: Grade) -> None:
    right = 'def add(a, b):\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n'
    test = """
    import doctest, unittest, answer
    def load_tests(loader, tests, ignore):
        tests.addTests(doctest.DocTestSuite(answer))
        return tests
    class Sums(unittest.TestCase):
        def test_sum(self): self.assertEqual(answer.add(1, 1), 2)
        def test_examples(self): self.assertEqual(doctest.testmod(answer).failed, 0)
    """

    assert failures(await grade_suite(right, test)) == []
    assert (await grade_suite(right.replace("3", "4"), test)).points == 1
    assert (await grade_suite("def add(a, b): return a + b", test)).points == 1
