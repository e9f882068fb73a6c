"""A verdict stays small, whatever the student's code gives back, prints or raises."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.protocol import (
    MAX_VERDICT_BYTES,
    DifferencePart,
    ErrorDetail,
    LocalValue,
    TestResult,
    Verdict,
    to_json,
    verdict_from_json,
)
from grader.verdicts.fitting import fit
from tests.grader.conftest import FEW, Grade

NASTY = ["\x00", "\ud800", "'", "\\", "\x1b[2J", "é", "\U0001f600", "a", "\n"]
LONG = st.builds(lambda piece, n: piece * n, st.sampled_from(NASTY), st.integers(0, 20_000))
PARTS = st.builds(
    DifferencePart,
    kind=st.sampled_from(["value", "more"]),
    path=LONG,
    expected=st.none() | LONG,
    actual=LONG,
    note=LONG,
)
RESULTS = st.builds(
    TestResult,
    key=st.text(max_size=20),
    name=LONG,
    visible=st.just("sample"),
    status=st.sampled_from(["passed", "failed", "error"]),
    points=st.just(0.0),
    max_points=st.just(1.0),
    message=LONG,
    call=st.none() | LONG,
    expected=LONG,
    actual=LONG,
    difference=st.lists(PARTS, max_size=9).map(tuple),
    stdout=LONG,
)
VALUES = st.builds(LocalValue, name=LONG, value=LONG)
ERRORS = st.builds(
    ErrorDetail,
    type=LONG,
    message=LONG,
    text=LONG,
    traceback=LONG,
    values=st.lists(VALUES, max_size=12).map(tuple),
)
VERDICTS = st.builds(
    Verdict,
    request_id=st.just("r"),
    status=st.just("failed"),
    message=LONG,
    tests=st.lists(RESULTS, max_size=30).map(tuple),
    error=st.none() | ERRORS,
    stdout=LONG,
)


@settings(max_examples=20 if FEW else 60)
@given(VERDICTS)
def test_any_verdict_fits_and_can_be_read_back(verdict: Verdict) -> None:
    text = to_json(fit(verdict))

    assert len(text.encode()) <= MAX_VERDICT_BYTES
    assert json.dumps(json.loads(text), ensure_ascii=False).encode()  # as Jupyter sends it
    assert verdict_from_json(text) == fit(verdict)


def test_failed_tests_are_kept_longer_than_passed_ones() -> None:
    row = TestResult(
        key="k", name="n" * 300, visible="hidden", status="passed", points=1, max_points=1
    )
    wrong = dataclasses.replace(row, key="wrong", status="failed")
    verdict = Verdict(request_id="r", status="partial", tests=(row,) * 3000 + (wrong,))

    kept = fit(verdict)

    assert "wrong" in [test.key for test in kept.tests]
    assert {test.name for test in kept.tests} == {"n" * 300}
    left = 3001 - len(kept.tests)
    assert kept.message == f"{left} more tests are not listed here: {left} passed."


HOSTILE = [
    "return '\\x00' * 10**5",
    "return '\\ud800' * 10**5",
    "return [[[[[[[[[[[[['x' * 9999]]]]]]]]]]]]] * 50",
    "return {str(i) * 50: '\\ud800' * 100 for i in range(2000)}",
    "return {i: {j: 'é' * 50 for j in range(50)} for i in range(50)}",
    "return 10**39000",
    "return float('nan')",
    "return [float('nan')] * 10000",
    "return ('a\\n' * 200_000)",
    "raise ValueError('\\ud800\\x00' * 10**5)",
    "raise type('E' * 10**5, (Exception,), {})('x' * 10**5)",
    "exec('x' * 10**5 + ' = 1; raise KeyError')",
    "kept = {f'v{i}': 1 for i in range(10**4)}; locals().update(kept); return missing",
    "print('\\ud800\\x00' * 10**5)\n    return 0",
    "return type('T', (), {'__repr__': lambda s: '\\x00' * 10**6})()",
    "return type('T', (list,), {'__eq__': lambda s, o: False})([1] * 10**4)",
]


@pytest.mark.parametrize("body", HOSTILE)
async def test_no_value_print_or_exception_makes_a_verdict_large(grade: Grade, body: str) -> None:
    code = f"def add(a, b):\n    {body}\n"
    tests = [f"assert add({n}, 2) == {{'a': [{n}, 'b']}}" for n in range(12)]
    # Where objects are allowed each test says as much: a few would show what has no bound.
    for objects, some in ((False, tests), (True, tests[:3])):
        verdict = await grade(code, some, objects=objects)

        assert len(to_json(verdict)) <= MAX_VERDICT_BYTES
        assert json.loads(to_json(verdict))["status"] == "failed"
        assert {test.status for test in verdict.tests} <= {"failed", "error"}
