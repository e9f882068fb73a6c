"""Texts and bytes that come from the student's code are never run beside the tests."""

from __future__ import annotations

import textwrap

import pytest

from grader.protocol import Test as GraderTest
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


OWN = """
class A:
    def __init__(self, x): self.x = x
    def __repr__(self): return f"A({self.x})"
    def __eq__(self, other): return self.x == other.x
def text(): return "def double(x): return x * 2"
"""


async def test_source_of_the_student_runs_beside_the_students_code(grade: Grade) -> None:
    tests = [
        "space = {}\nexec(text(), space)\nassert space['double'](4) == 8",
        "space = {}\nexec(compile(text(), 'x', 'exec'), space)\nassert space['double'](4) == 8",
        "import ast\nspace = {}\nexec(compile(ast.parse(text()), 'x', 'exec'), space)\n"
        "assert space['double'](4) == 8",
        "exec(text())\nassert double(5) == 10",
        "a = A(3)\nassert eval(repr(a)) == a and eval(repr(a), globals()) == a",
        "for n in range(3):\n    exec(f'r{n} = text()')\nassert r2 == text()",
    ]

    assert failures(await grade(OWN, tests, objects=True)) == []
    ended = OWN.replace("def double(x): return x * 2", f"{END}")
    verdict = await grade(ended, tests[0], objects=True)
    assert (verdict.status, verdict.reason) == ("failed", "crash")


@pytest.mark.parametrize(
    ("word", "test"),
    [
        ("A(3)", "a = A(3)\nassert eval(repr(a)) == a"),
        ("A(3)", "a = A(3)\nassert eval(repr(a), globals()) == a"),
        ("a = 4", "a = 5\nexec(text())\nassert a == 4"),
        ("__pm_compare__ = print", "exec(text())\nassert text() == 'x'"),
    ],
)
async def test_a_text_neither_reads_nor_changes_names_of_the_test(
    word: str, test: str, grade: Grade
) -> None:
    code = OWN.replace('f"A({self.x})"', '"a"').replace("def double(x): return x * 2", word)

    assert (await grade(code, test, objects=True)).status == "failed"


@pytest.mark.parametrize(
    "test",
    [
        "import builtins\nbuiltins.exec(text())",
        "import timeit\ntimeit.timeit(text(), number=1)",
        "import code\ncode.InteractiveInterpreter().runsource(text())",
        "import runpy\nopen('made.py', 'w').write(text())\nrunpy.run_path('made.py')",
        "import os, sys\nopen('made.py', 'w').write(text())\nsys.path.insert(0, os.getcwd())\n"
        "import made",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', text()])",
        "import os\nos.system(text())",
    ],
)
async def test_other_ways_to_run_it_are_refused_with_a_word_to_the_author(
    test: str, grade: Grade
) -> None:
    verdict = await grade(OWN, test, objects=True)

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert "tests.py, line " in verdict.message
    assert "the tests run Python text" in verdict.message or "start another" in verdict.message


async def test_a_test_may_time_its_own_text(grade: Grade) -> None:
    test = (
        "import timeit\nassert timeit.timeit('sum(range(9))', number=2) >= 0\n"
        "assert timeit.timeit(lambda: text(), number=2) >= 0"
    )

    assert failures(await grade(OWN, test)) == []


async def test_what_the_test_wrote_itself_is_evaluated_as_ever(grade: Grade) -> None:
    test = "x = 4\nassert eval('x + 1') == 5\nassert eval('add(x, 1)', {'add': add, 'x': 1}) == 2"

    assert failures(await grade("def add(a, b): return a + b", test)) == []


async def test_a_text_of_the_test_with_plain_values_filled_in_is_its_own(grade: Grade) -> None:
    test = """
    plus, start = add, 4
    for n in range(3):
        assert eval(f"plus({n}, start)") == n + 4
    assert eval(f"sum({[1, 2]!r}, add({start}, {(2)}))") == 9
    made = {}
    exec(f"four = plus({start}, 0)", globals(), made)
    assert made["four"] == 4
    """

    assert failures(await grade("def add(a, b): return a + b", test)) == []
    assert (await grade("def add(a, b): return a - b - 1", test)).status == "failed"


@pytest.mark.parametrize("text", ["expected", "1 or expected", "0) or (expected", "f'{expected}'"])
async def test_what_the_student_fills_in_never_names_a_thing_of_the_tests(
    text: str, grade: Grade
) -> None:
    code = f"def give(): return {text!r}\nclass A:\n    __repr__ = lambda self: {text!r}\n"
    test = "expected = 12\nassert eval(f'({give()})') == 12\nassert eval(f'{A()!r}') == 12\n"

    verdict = await grade(code, test)

    assert verdict.status == "failed"
    assert verdict.points == 0


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


EXAMPLES = """
import contextlib, doctest, io, answer
from answer import add, Box
def run(tests):
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests: runner.run(test)
    assert runner.summarize().failed == runner.failures == 0
    return runner.tries
def test_module(): assert run(doctest.DocTestFinder().find(answer)) == 3
def test_class(): assert run(doctest.DocTestFinder().find(Box, "Box", globs={"Box": Box})) == 2
def test_parsed():
    parser = doctest.DocTestParser()
    assert run([parser.get_doctest(add.__doc__, {"add": add}, "add", None, 0)]) == 1
def test_printed():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        doctest.run_docstring_examples(add, {"add": add})
    assert out.getvalue() == ""
def mine():
    '''
    >>> add(2, 2)
    4
    '''
def test_own(): assert run(doctest.DocTestFinder().find(mine, globs={"add": add})) == 1
def test_boxes():
    from doctest import DocTestSuite
    assert DocTestSuite("answer").countTestCases() == 1
"""


async def test_examples_that_tests_look_for_by_themselves_run_there_too(grade_suite: Grade) -> None:
    right = 'def add(a, b):\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n'
    right += 'class Box:\n    """\n    >>> box = Box(2)\n    >>> box.side\n    2\n    """\n'
    right += "    def __init__(self, side): self.side = side\n"

    assert failures(await grade_suite(right, EXAMPLES)) == []
    wrong = await grade_suite(right.replace("a + b", "a - b"), EXAMPLES)
    failed = {test.name for test in wrong.tests if test.status != "passed"}
    assert failed == {"test_module", "test_parsed", "test_printed", "test_own"}
    none = await grade_suite(right.replace(">>>", "-->"), EXAMPLES)
    assert {test.name for test in none.tests if test.status == "passed"} == {
        "test_printed",
        "test_own",
        "test_boxes",
    }


async def test_examples_of_hidden_tests_stay_with_the_tests(grade: Grade) -> None:
    """Only what the student's own text says is run beside their code."""
    test = """
    import doctest
    def run(text):
        made = doctest.DocTestParser().get_doctest(text, {}, "add", None, 0)
        return doctest.DocTestRunner(verbose=False).run(made).failed
    def test_theirs(): assert run(add.__doc__) == 0
    def test_mine(): assert run(chr(10).join([">>> ad" + "d(2, 2)", "4"])) == 0
    """
    code = 'def add(a, b):\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n'
    suite = GraderTest(key="t", name="t", source=textwrap.dedent(test), suite=True)

    verdict = await grade(code, (suite,), shuffle=False)
    assert verdict.reason == "bad_tests"
    assert "examples that are no text of theirs" in verdict.message
    assert [result.status for result in verdict.tests] == ["passed", "error"]
