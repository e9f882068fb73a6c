"""Limits hold, and each way to break them is told apart."""

from __future__ import annotations

from grader.protocol import Limits
from tests.grader.conftest import Grade

ADD = "def add(a, b):\n    return a + b\n"


async def test_a_busy_loop_ends_at_the_time_limit(grade: Grade) -> None:
    tests = ["assert add(1, 2) == 3", "while_true(1)\nassert add(1, 1) == 2"]
    code = ADD + "def while_true(x):\n    while True: pass\n"

    verdict = await grade(code, tests, limits=Limits(cpu_seconds=1, wall_seconds=5), shuffle=False)

    assert (verdict.status, verdict.reason) == ("timeout", "timeout")
    assert [test.status for test in verdict.tests] == ["passed", "timeout"]
    assert verdict.tests[1].message == "Your code took longer than the time limit."
    assert verdict.points == 1


async def test_after_a_timeout_the_rest_runs_in_a_fresh_process(grade_suite: Grade) -> None:
    code = ADD + "def forever():\n    while True: pass\n"
    source = (
        "def test_a(): assert add(1, 1) == 2\ndef test_b(): forever()\ndef test_c(): add(1, 1)\n"
    )

    verdict = await grade_suite(code, source, limits=Limits(cpu_seconds=1, wall_seconds=9))

    assert [test.status for test in verdict.tests] == ["passed", "timeout", "passed"]


async def test_sleeping_ends_at_the_wall_clock_limit(grade: Grade) -> None:
    code = "import time\ndef add(a, b):\n    time.sleep(100)\n"

    verdict = await grade(code, "assert add(1, 2) == 3", limits=Limits(wall_seconds=1))

    assert (verdict.status, verdict.tests[0].status) == ("timeout", "timeout")


async def test_code_that_never_finishes_loading_is_a_timeout(grade: Grade) -> None:
    verdict = await grade(
        "while True: pass", "assert add(1, 2) == 3", limits=Limits(wall_seconds=1)
    )

    assert verdict.status == "timeout"
    assert [test.status for test in verdict.tests] == ["not_run"]


async def test_too_much_memory_is_told_as_memory(grade: Grade) -> None:
    code = "def add(a, b):\n    return len([0] * (1 << 30))\n"

    verdict = await grade(code, "assert add(1, 2) == 3", limits=Limits(memory_mb=64))

    assert (verdict.status, verdict.reason) == ("failed", "memory")


async def test_within_the_memory_limit_all_is_well(grade: Grade) -> None:
    code = "def add(a, b):\n    data = bytearray(48 << 20)\n    return a + b\n"

    verdict = await grade(code, "assert add(1, 2) == 3", limits=Limits(memory_mb=64))

    assert verdict.status == "passed"
    # The system counts pages for each processor, and adds these up now and then.
    assert verdict.memory_bytes > 47 << 20


async def test_a_flood_of_output_is_cut_and_harmless(grade: Grade) -> None:
    code = "def add(a, b):\n    for _ in range(5000): print('x' * 1000)\n    return a + b\n"

    verdict = await grade(code, "assert add(1, 2) == 3", limits=Limits(output_kb=2))

    assert verdict.status == "passed"
    assert 0 < len(verdict.stdout) <= 2048


async def test_ending_the_process_is_a_crash(grade: Grade) -> None:
    verdict = await grade("import os\ndef add(a, b): os._exit(0)\n", "assert add(1, 2) == 3")

    assert (verdict.status, verdict.reason) == ("failed", "crash")


async def test_a_segmentation_fault_is_a_crash(grade: Grade) -> None:
    code = "import ctypes\ndef add(a, b): ctypes.string_at(0)\n"

    verdict = await grade(code, "assert add(1, 2) == 3")

    assert (verdict.status, verdict.reason) == ("failed", "crash")


async def test_processes_are_bounded(grade: Grade) -> None:
    code = """
    import os, time
    def children():
        made = 0
        try:
            for _ in range(100):
                if os.fork() == 0:
                    time.sleep(30)
                    os._exit(0)
                made += 1
        except OSError:
            pass
        return made
    """
    verdict = await grade(
        code, "assert children() < 10", limits=Limits(processes=8, wall_seconds=5)
    )

    assert verdict.status == "passed"


async def test_the_whole_standard_library_can_be_imported(grade: Grade) -> None:
    code = """
    import bz2, ctypes, decimal, hashlib, lzma, readline, sqlite3, ssl, uuid, zlib, zoneinfo
    def query():
        zone = zoneinfo.ZoneInfo("Europe/Paris")
        return sqlite3.connect(":memory:").execute("select 2").fetchone()[0], zone.key
    """
    verdict = await grade(code, "assert query() == (2, 'Europe/Paris')")

    assert verdict.status == "passed", verdict.message
