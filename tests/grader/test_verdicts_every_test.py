"""Every test runs, also after one that ended the student's process; the others earn points."""

from __future__ import annotations

import pytest

from grader.protocol import Limits, Test, Verdict
from tests.grader.conftest import Grade

CRASH = "import os\ndef add(a, b):\n    if a == 13: os._exit(3)\n    return a + b\n"
LOOP = "def add(a, b):\n    while a == 13: pass\n    return a + b\n"
QUICK = Limits(cpu_seconds=0.5, wall_seconds=8)


def statuses(verdict: Verdict) -> list[str]:
    return [test.status for test in verdict.tests]


async def test_a_crash_costs_the_points_of_its_own_test_only(grade: Grade) -> None:
    tests = [f"assert add({n}, 1) == {n + 1}" for n in (1, 13, 2, 13, 3)]
    verdict = await grade(CRASH, tests, visible="hidden")

    assert statuses(verdict) == ["passed", "error", "passed", "error", "passed"]
    assert (verdict.status, verdict.reason, verdict.points) == ("partial", "crash", 3)


async def test_a_time_out_costs_the_points_of_its_own_test_only(grade: Grade) -> None:
    tests = [f"assert add({n}, 1) == {n + 1}" for n in (1, 13, 2)]
    verdict = await grade(LOOP, tests, limits=QUICK)

    assert statuses(verdict) == ["passed", "timeout", "passed"]
    assert (verdict.status, verdict.reason, verdict.points) == ("timeout", "timeout", 2)
    assert verdict.message == "Your code took longer than the time limit in the test “Test 1”."


async def test_after_three_time_outs_no_other_is_waited_for(grade: Grade) -> None:
    tests = ["assert add(1, 1) == 2", *["assert add(13, 1) == 14"] * 5]
    verdict = await grade(LOOP, tests, limits=QUICK, shuffle=False)

    assert statuses(verdict) == ["passed", *["timeout"] * 3, *["not_run"] * 2]
    assert verdict.message == (
        "Your code took longer than the time limit; 2 of 6 tests were not run."
    )


async def test_where_nothing_passes_two_time_outs_are_enough(grade: Grade) -> None:
    verdict = await grade(LOOP, ["assert add(13, 1) == 14"] * 5, limits=QUICK, shuffle=False)

    assert statuses(verdict) == [*["timeout"] * 2, *["not_run"] * 3]


async def test_no_test_is_started_when_the_time_of_the_submission_is_over(grade: Grade) -> None:
    code = "import time\ndef add(a, b):\n    time.sleep(60)\n"
    tests = ["assert add(13, 1) == 14"] * 3
    verdict = await grade(code, tests, limits=Limits(wall_seconds=1))

    assert sorted(statuses(verdict)) == ["not_run", "not_run", "timeout"]


async def test_crashes_are_followed_by_a_bounded_number_of_processes(grade: Grade) -> None:
    verdict = await grade(CRASH, ["assert add(13, 1) == 14"] * 25)

    assert statuses(verdict).count("error") == 21
    assert statuses(verdict).count("not_run") == 4


async def test_memory_used_up_in_one_test_leaves_the_others_theirs(grade: Grade) -> None:
    code = "def add(a, b):\n    if a == 13: [0] * (1 << 28)\n    return a + b\n"
    tests = ["assert add(13, 1) == 14", "assert add(1, 2) == 3"]
    verdict = await grade(code, tests, limits=Limits(memory_mb=64))

    assert (verdict.status, verdict.reason, verdict.points) == ("partial", "memory", 1)
    assert "MemoryError: your code needs more memory than the limit of 64 MB" in (
        verdict.tests[0].message
    )


@pytest.mark.parametrize(
    "source",
    [
        "from answer import add\n"
        "def test_a(): assert add(1, 1) == 2\n"
        "def test_b(): assert add(13, 1) == 14\n"
        "def test_c(): assert add(2, 1) == 3\n",
        "import unittest\nfrom answer import add\nclass T(unittest.TestCase):\n"
        "    def test_a(self): self.assertEqual(add(1, 1), 2)\n"
        "    def test_b(self): self.assertEqual(add(13, 1), 14)\n"
        "    def test_c(self): self.assertEqual(add(2, 1), 3)\n",
        "from answer import add\nassert add(1, 1) == 2\nassert add(13, 1) == 14\n"
        "assert add(2, 1) == 3\n",
    ],
    ids=["functions", "unittest", "asserts"],
)
@pytest.mark.parametrize("code", [CRASH, LOOP], ids=["crash", "endless"])
async def test_the_rest_of_a_test_file_runs_too(grade_suite, source: str, code: str) -> None:
    verdict = await grade_suite(code, source, limits=QUICK)

    lost = "error" if code is CRASH else "timeout"
    assert statuses(verdict) == ["passed", lost, "passed"]
    assert verdict.points == 2


async def test_what_a_test_file_sets_up_is_set_up_anew(grade_suite) -> None:
    source = (
        "import unittest\nfrom answer import add\nclass T(unittest.TestCase):\n"
        "    @classmethod\n    def setUpClass(cls): cls.add = staticmethod(add)\n"
        "    def test_a(self): self.assertEqual(self.add(13, 1), 14)\n"
        "    def test_b(self): self.assertEqual(self.add(2, 1), 3)\n"
    )
    verdict = await grade_suite(CRASH, source)

    assert statuses(verdict) == ["error", "passed"]


async def test_helper_modules_of_the_tests_meet_the_fresh_process(grade: Grade) -> None:
    helpers = {"checks": "from answer import add\ndef twice(n): return add(n, n)\n"}
    tests = [
        "from checks import twice\nassert twice(13) == 26",
        "from checks import twice\nassert twice(2) == 4",
    ]
    verdict = await grade(CRASH, tests, test_modules=helpers, shuffle=False)

    assert statuses(verdict) == ["error", "passed"]


async def test_a_patched_library_is_patched_in_the_fresh_process(grade: Grade) -> None:
    code = CRASH + "import random\ndef roll(): return random.randint(1, 6)\n"
    patched = (
        "from unittest import mock\nwith mock.patch('random.randint', return_value=9):\n"
        "    assert roll() == 9"
    )
    tests = [patched, "add(13, 1)", patched, "assert roll() in range(1, 7)"]
    verdict = await grade(code, tests, shuffle=False)

    assert statuses(verdict) == ["passed", "error", "passed", "passed"]


async def test_code_that_crashes_while_it_is_loaded_is_not_tried_again(grade: Grade) -> None:
    code = "print('once')\nimport os\nos._exit(1)\n"
    verdict = await grade(code, ["assert add(1, 1) == 2"] * 3)

    assert (verdict.status, verdict.reason) == ("failed", "crash")
    assert verdict.stdout == "once\n"
    assert set(statuses(verdict)) == {"not_run"}


async def test_the_cap_on_output_holds_over_all_processes(grade: Grade) -> None:
    code = CRASH.replace("    return", "    print('x' * 700)\n    return")
    tests = [f"assert add({n}, 1) == {n + 1}" for n in (1, 13, 2, 13, 3)]
    verdict = await grade(code, tests, limits=Limits(output_kb=1), shuffle=False)

    assert verdict.stdout.count("x") < 1024
    assert len(verdict.stdout) <= 1024
    assert "[Cut: more than 1 KB were printed.]" in verdict.stdout


async def test_sample_tests_run_before_any_hidden_one_has_been_seen(grade: Grade) -> None:
    code = "seen = []\ndef add(a, b):\n    seen.append(a)\n    print(seen)\n    return seen\n"
    hidden = tuple(
        Test(key=f"h{n}", name=f"h{n}", source=f"assert add({7000 + n}, 1) == 0") for n in range(4)
    )
    sample = (Test(key="s", name="s", source="assert add(1, 1) == 2", visible="sample"),)
    verdict = await grade(code, (*hidden, *sample), seed=3)

    shown = verdict.tests[-1]
    assert (shown.actual, shown.stdout) == ("[1]", "[1]\n")
    assert [test.key for test in verdict.tests] == ["h0", "h1", "h2", "h3", "s"]


async def test_time_and_memory_of_a_hidden_test_are_told_roughly(grade: Grade) -> None:
    code = "def add(a, b):\n    kept = bytearray(b'x') * (a << 20)\n    return len(kept)\n"
    hidden = Test(key="h", name="h", source="assert add(23, 1)")
    sample = Test(key="s", name="s", source="assert add(23, 1)", visible="sample")
    little = Test(key="l", name="l", source="assert add(1, 1)", visible="sample")
    verdict = await grade(code, (little, sample, hidden), shuffle=False)

    least, exact, rough = (test.memory_bytes for test in verdict.tests)
    # What the process needs beside them is in both; some of it was ready before they began.
    assert abs(exact - least - (22 << 20)) < 2 << 20
    assert least < 8 << 20
    assert rough == 50 << 20
    assert verdict.tests[2].time_ms in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
