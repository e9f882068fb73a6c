"""What a verdict tells, and to whom."""

from __future__ import annotations

import pytest

from grader.protocol import Test, to_json
from tests.grader.conftest import Grade, failures

ADD = "def add(a, b):\n    return a + b\n"


async def test_all_tests_passed(grade: Grade) -> None:
    verdict = await grade(ADD, ["assert add(1, 2) == 3", "assert add(0, 0) == 0"], visible="hidden")

    assert (verdict.status, verdict.reason, verdict.points, verdict.max_points) == (
        "passed",
        None,
        2,
        2,
    )


async def test_weights_count_and_results_keep_the_order_of_the_request(grade: Grade) -> None:
    tests = tuple(
        Test(key=f"k{i}", name=f"n{i}", source=f"assert add({i}, 0) in (1, 2, 4)", weight=i + 1)
        for i in range(5)
    )
    verdict = await grade(ADD, tests, seed=7)

    assert [test.key for test in verdict.tests] == ["k0", "k1", "k2", "k3", "k4"]
    assert (verdict.status, verdict.points, verdict.max_points) == ("partial", 2 + 3 + 5, 15)


async def test_a_sample_test_tells_call_expected_and_actual(grade: Grade) -> None:
    verdict = await grade(
        "def add(a, b):\n    print('hm')\n    return a - b\n", "assert add(1, 2) == 3"
    )
    test = verdict.tests[0]

    assert (test.call, test.expected, test.actual) == ("add(1, 2)", "3", "-1")
    assert test.stdout == "hm\n"
    assert test.message == "add(1, 2) should be 3, but it is -1."


async def test_of_several_checks_in_one_the_first_that_failed_is_told(grade: Grade) -> None:
    code = "def double(x): return 2 * x if x < 4 else 0"

    (result,) = (await grade(code, ["assert double(3) == 6 and double(4) == 8"])).tests

    assert (result.call, result.actual, result.expected) == ("double(4)", "0", "8")
    assert result.message == "double(4) should be 8, but it is 0."


@pytest.mark.parametrize(
    ("source", "call", "expected", "actual"),
    [
        ("assert 3 == add(1, 2)", "add(1, 2)", "3", "-1"),
        ("import math\nassert math.isclose(add(1, 2), 3.5)", "add(1, 2)", "3.5", "-1"),
        ("from answer import add as plus\nassert plus(1, 2) == 3", "plus(1, 2)", "3", "-1"),
    ],
)
async def test_what_was_wanted_is_told_apart_from_what_came_out(
    grade: Grade, source: str, call: str, expected: str, actual: str
) -> None:
    verdict = await grade("def add(a, b):\n    return a - b\n", source)
    test = verdict.tests[0]

    assert (test.call, test.expected, test.actual) == (call, expected, actual)
    assert test.difference[0].kind == "number"


async def test_the_difference_of_a_sample_test_is_told_place_by_place(grade: Grade) -> None:
    code = "def add(a, b):\n    return {'ana': [1, '2'], 'bo': None}\n"
    source = "assert add(1, 2) == {'ana': [1, 2], 'cy': 3}"
    shown = (await grade(code, source)).tests[0].difference
    hidden = (await grade(code, source, visible="hidden")).tests[0].difference

    assert [(p.kind, p.path, p.expected, p.actual) for p in shown] == [
        ("missing", "['cy']", "3", None),
        ("extra", "['bo']", None, "None"),
        ("type", "['ana'][1]", "2", "'2'"),
    ]
    assert shown[2].note == "'2' (str) instead of 2 (int)"
    assert hidden == ()


async def test_objects_of_the_student_are_told_by_their_repr_alone(grade: Grade) -> None:
    code = """
    from dataclasses import dataclass
    @dataclass
    class Point:
        x: int
        def __eq__(self, other): raise RuntimeError("asked too often")
    def add(a, b): return [Point(a), 1]
    """
    verdict = await grade(code, "assert add(1, 2) == [5, 2]", objects=True)

    assert [(p.path, p.actual) for p in verdict.tests[0].difference] == [
        ("[0]", "Point(x=1)"),
        ("[1]", "1"),
    ]


async def test_a_name_that_a_test_file_imports_in_vain_is_told(grade_suite) -> None:
    source = "from answer import (\n    add,\n    sub,\n)\ndef test_a(): assert sub(3, 1) == 2\n"
    verdict = await grade_suite(ADD + "def subt(a, b): return a - b\n", source)

    assert verdict.error is not None
    assert verdict.error.message == "Your code does not define 'sub'; did you mean 'subt'?"


async def test_the_authors_words_come_first(grade: Grade) -> None:
    tests = (
        Test(key="a", name="a", source="assert add(1, 2) == 4, 'look at b'", visible="sample"),
        Test(key="b", name="b", source="assert add(1, 2) == 4, 'secret'", on_fail="Try zero."),
    )
    verdict = await grade(ADD, tests)

    assert [test.message for test in verdict.tests] == ["look at b", "Try zero."]


async def test_an_exception_tells_type_line_and_text(grade: Grade) -> None:
    verdict = await grade("def add(a, b):\n    return a[b]\n", "assert add(1, 2) == 3")
    test = verdict.tests[0]

    assert (test.status, test.line) == ("error", 2)
    assert test.message.startswith("TypeError: ")
    assert verdict.error is not None
    assert (verdict.error.type, verdict.error.text) == ("TypeError", "return a[b]")
    assert "grader" not in verdict.error.traceback


async def test_a_syntax_error_is_told_before_any_test_runs(grade: Grade) -> None:
    verdict = await grade("x = 1\ndef add(a, b)\n    return a\n", "assert add(1, 2) == 3")

    assert (verdict.status, verdict.reason) == ("failed", "syntax_error")
    assert verdict.error is not None
    assert (verdict.error.line, verdict.error.text) == (2, "def add(a, b)")
    assert [test.status for test in verdict.tests] == ["not_run"]


@pytest.mark.parametrize("code", ["return 1", "x = '\x00'", "def f(:", "nonlocal q", "'\ud800'"])
async def test_no_source_text_confuses_the_grader(code: str, grade: Grade) -> None:
    verdict = await grade(code, "assert add(1, 2) == 3")

    assert verdict.status == "failed"


async def test_a_missing_function_is_told_by_its_name(grade: Grade) -> None:
    verdict = await grade("def sub(a, b): pass", "assert add(1, 2) == 3")

    assert verdict.tests[0].message == "Your code does not define 'add'."


async def test_an_error_while_loading_names_its_line(grade: Grade) -> None:
    verdict = await grade("x = 1\ny = x / 0\n", "assert add(1, 2) == 3")

    assert (verdict.status, verdict.reason) == ("failed", "exception")
    assert verdict.error is not None
    assert verdict.error.line == 2
    assert verdict.message == "ZeroDivisionError: division by zero"


async def test_imports_outside_the_list_are_refused_in_words(grade: Grade) -> None:
    code = "import math\nimport os\n" + ADD

    verdict = await grade(code, "assert add(1, 2) == 3", allow_imports=("math",))

    assert verdict.reason == "refused_import"
    assert verdict.message == "This problem does not allow importing 'os'; it allows math."


async def test_an_import_made_at_run_time_is_refused_too(grade: Grade) -> None:
    code = "def add(a, b):\n    return __import__('os').getpid()\n"

    verdict = await grade(code, "assert add(1, 2) == 3", allow_imports=("math",))

    assert verdict.tests[0].message == ("ImportError: This problem does not allow importing 'os'.")


async def test_tests_that_do_not_compile_are_our_fault(grade: Grade) -> None:
    verdict = await grade(ADD, "assert add(1, 2) ==")

    assert (verdict.status, verdict.reason) == ("error", "bad_tests")
    assert verdict.message.startswith("tests.py, line 1: does not compile")


async def test_tolerance_and_order_are_as_the_author_says(grade: Grade) -> None:
    code = "def mean(xs): return sum(xs) / len(xs)\ndef keys(d): return list(d)\n"
    tests = (
        Test(key="a", name="a", source="assert mean([0.1, 0.2]) == 0.15", tolerance=0.001),
        Test(key="b", name="b", source="assert mean([0.1, 0.2]) == 0.16", tolerance=0.001),
        Test(key="c", name="c", source="assert keys({1: 1, 2: 2}) == [2, 1]", ordered=False),
        Test(key="d", name="d", source="assert keys({1: 1, 2: 2}) == [2, 1]"),
    )
    verdict = await grade(code, tests)

    assert [test.status for test in verdict.tests] == ["passed", "failed", "passed", "failed"]


async def test_given_code_runs_first_on_both_sides(grade: Grade) -> None:
    given = "from decimal import Decimal\nRATE = Decimal('0.5')\ndef half(x): return x * RATE\n"
    code = "def quarter(x):\n    return half(half(x))\n"

    tests = ["assert quarter(Decimal(4)) == Decimal(1)", "assert half(Decimal(4)) == 2"]
    verdict = await grade(code, tests, given=given)

    assert verdict.status == "passed"


async def test_files_beside_the_code_can_be_read(grade: Grade) -> None:
    code = "import helper\ndef first():\n    return open('data.txt').read() + helper.END\n"
    files = {"data.txt": "hello", "helper.py": "END = '!'"}

    verdict = await grade(code, "assert first() == 'hello!'", files=files)

    assert verdict.status == "passed"


async def test_a_very_long_verdict_is_cut_to_64_kb(grade_suite) -> None:
    source = "\n".join(f"assert add({i}, 'long text {i}' * 100) == {i}" for i in range(800))

    verdict = await grade_suite("def add(a, b):\n    return b * 50\n", source)

    assert len(to_json(verdict)) <= 64 * 1024
    assert (verdict.status, verdict.max_points) == ("failed", 800)


async def test_test_objects_show_nothing_to_a_student_unless_the_tests_are_open(grade) -> None:
    code = """
    def peek(callback):
        found = []
        for name in ("__globals__", "__code__", "__closure__", "__self__", "__wrapped__", "secret"):
            try: found.append(str(getattr(callback, name)))
            except AttributeError: pass
        return found + [repr(callback), str(getattr(callback, "__name__", ""))]
    """
    source = """
    secret = "canary77"
    def expected_canary77(x): return secret
    expected_canary77.secret = "canary77"
    assert not any("canary77" in text for text in peek(expected_canary77))
    """
    verdict = await grade(code, source)

    assert verdict.status == "passed", verdict.tests[0].message


async def test_what_a_test_sets_in_the_environment_is_seen_by_the_code(grade: Grade) -> None:
    code = "import os\ndef home(): return os.environ.get('APP_HOME')\n"
    tests = [
        "import os\nos.environ['APP_HOME'] = 'x'\nassert home() == 'x'\ndel os.environ['APP_HOME']"
        "\nassert home() is None",
    ]
    assert (await grade(code, tests)).status == "passed"


async def test_files_go_both_ways_between_open_tests_and_the_code(grade_suite) -> None:
    code = """
    import os
    def double(path):
        with open(path) as old, open(path + ".2", "w") as new: new.write(old.read() * 2)
        os.remove(path)
        os.mkdir("made")
        os.symlink("/etc/hostname", "made/link")
    """
    source = """
    import os, pathlib, tempfile
    from answer import double
    def test_it(tmp_path):
        (tmp_path / "a").write_text("ab")
        double(str(tmp_path / "a"))
        assert (tmp_path / "a.2").read_text() == "abab"
        assert not (tmp_path / "a").exists()
        assert os.path.isdir("made") and not os.path.lexists("made/link")
    """
    verdict = await grade_suite(code, source)

    assert failures(verdict) == []


async def test_files_of_hidden_tests_stay_with_the_tests(grade: Grade) -> None:
    code = "import os\ndef look(): return os.listdir()\n"
    assert (await grade(code, "open('secret', 'w').close()\nassert look() == []")).points == 1
