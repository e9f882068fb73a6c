"""What a value makes the tests do is bounded by a small multiple of the student's limits."""

from __future__ import annotations

import dataclasses

import pytest

from grader import bounds
from grader.protocol import CONTROLS, GradeRequest, Limits, Test
from tests.grader.conftest import Grade, failures

REQUEST = GradeRequest(id="b", code="", tests=(Test(key="t", name="t", source=""),))


@pytest.mark.parametrize("seconds", [0.2, 1.0, 2.0, 10.0])
def test_processor_time_of_the_tests_is_a_small_multiple_of_the_students(seconds: float) -> None:
    request = dataclasses.replace(REQUEST, limits=Limits(cpu_seconds=seconds, wall_seconds=60))
    controlled = dataclasses.replace(request, profile={"controls": {"t": []}})

    assert bounds.cpu_seconds(request) <= bounds.TIMES * seconds + 2
    assert bounds.cpu_seconds(controlled) <= (1 + CONTROLS) * bounds.TIMES * seconds + 2


@pytest.mark.parametrize("megabytes", [32, 256, 1024])
async def test_the_limits_are_those_of_the_process_that_runs_the_tests(
    megabytes: int, grade: Grade
) -> None:
    test = f"""
    import resource, signal
    mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    most = max(512, 2 * {megabytes}) << 20
    assert same(1) == 1
    assert most / 2 < resource.getrlimit(resource.RLIMIT_AS)[0] - mapped <= most
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] <= 2 * 1 + 2
    assert 0 < signal.getitimer(signal.ITIMER_PROF)[0] < 2 * 1 + 1.1
    """
    limits = Limits(cpu_seconds=1, wall_seconds=9, memory_mb=megabytes)

    assert failures(await grade("def same(x): return x", test, limits=limits)) == []


@pytest.mark.parametrize(
    ("value", "test"),
    [
        ("10 ** 10", "assert 'ab' * give() == 'x'"),
        ("10 ** 10", "assert f'{1:>{give()}}' == 'x'"),
        ("10 ** 12", "assert list(range(give())) == [1]"),
        ("range(10 ** 15)", "assert sorted(give()) == [1]"),
        ("range(10 ** 15)", "assert set(give()) == {1}"),
    ],
)
async def test_memory_that_a_value_asks_for_is_refused(value: str, test: str, grade: Grade) -> None:
    verdict = await grade(f"def give(): return {value}", [test, "assert give() == 0"])

    assert verdict.status == "failed"
    assert [result.status for result in verdict.tests] == ["error", "failed"]


@pytest.mark.parametrize(
    ("value", "test"),
    [
        ("range(10 ** 15)", "assert sum(give()) == 1"),
        ("10 ** 14", "for _ in range(give()): pass"),
    ],
    ids=["a sum in C", "a loop of the test"],
)
async def test_work_that_a_value_asks_for_ends_as_a_timeout(
    value: str, test: str, grade: Grade
) -> None:
    limits = Limits(cpu_seconds=0.2, wall_seconds=2)

    verdict = await grade(f"def give(): return {value}", test, limits=limits)

    assert (verdict.status, verdict.reason) == ("timeout", "timeout")
    assert verdict.points == 0
