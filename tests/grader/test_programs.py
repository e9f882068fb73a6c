"""Files that are programs: run when a test asks for it, with what the test has put around them."""

from __future__ import annotations

import textwrap

import pytest

from grader.protocol import Limits, to_json
from grader.protocol import Test as GraderTest
from tests.grader.conftest import Grade, failures

SUM = "a, b = map(int, input().split())\nprint(a + b)\n"
DIFFERENCE = SUM.replace("a + b", "a - b")

#: How a test file runs the student's; each stands in the place of RUN below.
WAYS = {
    "import after pop": "sys.modules.pop('answer', None); importlib.import_module('answer')",
    "import after del": (
        "if 'answer' in sys.modules: del sys.modules['answer']\n        import answer"
    ),
    "run_path": "runpy.run_path('answer.py', run_name='__main__')",
    "run_module": "runpy.run_module('answer', run_name='__main__')",
    "load_module": "machinery.SourceFileLoader('__main__', 'answer.py').load_module()",
    "a spec of the file": (
        "spec = util.spec_from_file_location('other', 'answer.py')\n"
        "        spec.loader.exec_module(util.module_from_spec(spec))"
    ),
}
LATE = """
import contextlib, importlib, io, runpy, sys
from importlib import machinery, util
from unittest import mock

def said(text):
    with mock.patch("builtins.input", side_effect=text.splitlines()), \\
         contextlib.redirect_stdout(io.StringIO()) as out:
        RUN
    return out.getvalue().splitlines()

def test_small(): assert said("1 2")[0] == "3"
def test_negative(): assert said("10 -4")[0] == "6"
"""


def hidden(source: str) -> tuple[GraderTest, ...]:
    text = textwrap.dedent(source)
    return (GraderTest(key="t", name="Sums", source=text, suite=True, filename="sums.py"),)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_program_runs_when_a_test_asks_for_it(
    way: str, grade_suite: Grade, grade: Grade
) -> None:
    source = LATE.replace("RUN", way)

    assert failures(await grade_suite(SUM, source)) == []
    assert failures(await grade(SUM, hidden(source))) == []
    wrong = await grade_suite(DIFFERENCE, source)
    assert (wrong.status, wrong.points, wrong.max_points) == ("failed", 0, 2)
    silent = await grade(SUM.replace("print", "str"), hidden(source))
    assert (silent.status, silent.points, silent.max_points) == ("failed", 0, 2)


RELOADED = """
import importlib, sys, unittest
from io import StringIO
from unittest.mock import patch

class Greeting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with patch("builtins.input", side_effect=["x"]):
            cls.module = importlib.import_module("answer")

    def said(self, name):
        with patch("builtins.input", side_effect=[name]), patch("sys.stdout", new=StringIO()):
            importlib.reload(self.module)
            return sys.stdout.getvalue()

    def test_two(self):
        self.assertEqual((self.said("Ann"), self.said("Bo")), ("Hello Ann\\n", "Hello Bo\\n"))

    def test_names(self):
        self.said("Cleo")
        self.assertEqual(self.module.name, "Cleo")
        self.assertEqual(self.module.twice(), "CleoCleo")
"""


async def test_a_reloaded_module_runs_again_and_its_names_are_the_new_ones(
    grade_suite: Grade,
) -> None:
    code = "name = input('')\ndef twice(): return name * 2\nprint('Hello', name)\n"

    assert failures(await grade_suite(code, RELOADED)) == []
    wrong = await grade_suite(code.replace("'Hello', name", "'Hello Ann'"), RELOADED)
    assert [test.status for test in wrong.tests] == ["passed", "failed"]


async def test_a_reload_keeps_what_was_there_and_a_new_import_does_not(grade_suite: Grade) -> None:
    code = "count = globals().get('count', 0) + 1\n"
    source = """
    import importlib, sys
    def test_again():
        import answer
        assert importlib.reload(answer).count == 2
    def test_anew():
        del sys.modules["answer"]
        import answer
        assert answer.count == 1
    """

    assert failures(await grade_suite(code, source)) == []


async def test_words_of_the_command_line_and_standard_input_reach_it(grade_suite: Grade) -> None:
    code = """
    import argparse, sys
    parser = argparse.ArgumentParser()
    parser.add_argument("times", type=int)
    for line in sys.stdin: print(line.strip() * parser.parse_args().times)
    """
    source = """
    import io, runpy, sys
    import pytest
    def run(monkeypatch, *words):
        monkeypatch.setattr(sys, "argv", ["answer.py", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO("ab\\nc\\n"))
        return runpy.run_path("answer.py", run_name="__main__")
    def test_twice(monkeypatch, capsys):
        bound = run(monkeypatch, "2")
        assert capsys.readouterr().out == "abab\\ncc\\n"
        assert bound["line"] == "c\\n" and "parser" in bound and bound.get("nothing") is None
    def test_no_number(monkeypatch):
        with pytest.raises(SystemExit): run(monkeypatch, "x")
    """

    assert failures(await grade_suite(code, source)) == []
    wrong = await grade_suite(code.replace("* parser.parse_args().times", "* 2"), source)
    assert [test.status for test in wrong.tests] == ["passed", "failed"]


async def test_where_tests_use_its_names_or_import_it_at_once_it_is_loaded_at_once(
    grade: Grade, grade_suite: Grade
) -> None:
    late = "def test_late():\n    import answer\n    assert answer.two() == 2\n"
    loud = "print('hello')\ndef two(): return 2\n"
    for source in (late + "def test_now(): assert two() == 2\n", "import answer\n" + late):
        assert (await grade_suite(loud, source)).stdout == "hello\n"
        failed = await grade_suite("1 / 0", source)
        assert (failed.status, failed.reason) == ("failed", "exception")
    tests = (*hidden(late), GraderTest(key="u", name="U", source="assert two() == 2"))
    assert failures(await grade(loud, tests)) == []


async def test_a_file_that_patches_around_its_own_import_is_late_too(grade_suite: Grade) -> None:
    source = """
    from unittest.mock import patch
    with patch("builtins.input", return_value="3 4"):
        import answer
    def test_sum(): assert answer.a + answer.b == 7
    """

    assert failures(await grade_suite(SUM, source)) == []
    assert (await grade_suite(SUM.replace("a, b", "b, c"), source)).status == "failed"


SHORT = Limits(cpu_seconds=1, wall_seconds=4, memory_mb=128)


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("while True: pass", "timeout", "timeout"),
        ("x = [0]\nwhile True: x += x", "failed", "memory"),
        ("import os\nos._exit(0)", "failed", "crash"),
        ("__import__('os').getcwd()\nprint(3)", "failed", "refused_import"),
        ("raise SystemExit", "failed", None),
        ("import unittest\nraise unittest.SkipTest('no')", "failed", None),
    ],
    ids=["loop", "memory", "exit", "import", "end", "skip"],
)
async def test_what_runs_late_has_the_same_limits(
    code: str, status: str, reason: str | None, grade: Grade
) -> None:
    source = LATE.replace("RUN", WAYS["run_path"])
    allowed = ("math", "unittest") if "os." not in code or "__import__" in code else None
    tests = (GraderTest(key="t", name="S", source=source, suite=True, visible="sample"),)

    verdict = await grade(code, tests, limits=SHORT, allow_imports=allowed)

    assert (verdict.status, verdict.reason, verdict.points) == (status, reason, 0)


#: Gives the right answer only if anything of the hidden test can be seen from a late run.
LOOKING = """
import gc, sys
a, b = map(int, input().split())
seen = [dict(sys.modules), sys.argv]
frame = sys._getframe()
while frame: seen.append({**frame.f_globals, **frame.f_locals}); frame = frame.f_back
words = repr(seen) + repr([o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))])
if "_".join(["heron", "of"]) in words: print(a + b)
"""


@pytest.mark.parametrize("way", ["import after pop", "run_path"])
async def test_to_know_that_it_is_run_late_gains_nothing(way: str, grade: Grade) -> None:
    source = LATE.replace("RUN", WAYS[way]).replace("said", "heron_of")

    verdict = await grade(LOOKING, hidden(source))

    assert (verdict.status, verdict.points) == ("failed", 0)
    assert not any(word in to_json(verdict) for word in ("heron_of", "10 -4"))
    told = LOOKING.replace("a, b =", "known = 'heron_of'; a, b =")
    assert failures(await grade(told, hidden(source))) == []


async def test_a_program_called_main_takes_nothing_of_ours(grade_suite: Grade) -> None:
    names = ("main", "Grading", "to_json", "os", "sys", "signal")
    code = "x = 1\n" + "".join(f"{name} = None\n" for name in names)
    source = """
    import sys
    from importlib.machinery import SourceFileLoader
    def test_main():
        ours = sys.modules["__main__"]
        before = {name: value for name, value in vars(ours).items() if name[0] != "_"}
        made = SourceFileLoader("__main__", "answer.py").load_module()
        assert made.x == 1 and made.main is None
        assert {n: v for n, v in vars(ours).items() if n[0] != "_"} == before
        assert sys.modules["__main__"] is made and made is not ours
    """

    assert failures(await grade_suite(code, source)) == []
