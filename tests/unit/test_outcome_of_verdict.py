"""What an attempt keeps of a verdict: JSON that PostgreSQL takes and the API gives out again."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.protocol import (
    DifferencePart,
    ErrorDetail,
    LocalValue,
    TestResult,
    Verdict,
    Visible,
)
from pythonmastery_ext.attempts.schema import ErrorDetail as ErrorOut
from pythonmastery_ext.attempts.schema import TestResultOut as ResultOut
from pythonmastery_ext.grading.client import FOR_AUTHORS, outcome_of

TEXT = st.text(
    st.characters() | st.sampled_from(["\x00", "\ud800", "\udfff", "'", "<"]), max_size=20
)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts(part)]


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT)
def test_whatever_a_student_makes_of_a_verdict_can_be_kept(one: str, two: str, three: str) -> None:
    part = DifferencePart(kind="value", path=one, expected=two, actual=None, note=three)
    result = TestResult(
        key="k",
        name=one,
        visible="sample",
        status="failed",
        points=0,
        max_points=2,
        message=two,
        actual=three,
        difference=(part,),
        memory_bytes=5 << 20,
    )
    error = ErrorDetail(
        type="KeyError", message=one, column=1, values=(LocalValue(name=two, value=three),)
    )
    outcome = outcome_of(
        Verdict(request_id="r", status="failed", tests=(result,), error=error, stdout=two)
    )

    kept = json.loads(json.dumps([outcome.tests, outcome.details]))
    assert not any("\x00" in text or _lone(text) for text in texts(kept))
    row = ResultOut.model_validate(kept[0][0])
    assert (row.difference[0].kind, row.memory_bytes) == ("value", 5 << 20)
    assert ErrorOut.model_validate(kept[1]["error"]).column == 1


def _lone(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def test_a_row_keeps_nothing_that_says_nothing() -> None:
    result = TestResult(
        key="k", name="n", visible="hidden", status="passed", points=1, max_points=1, time_ms=1.0
    )
    outcome = outcome_of(Verdict(request_id="r", status="passed", tests=(result,)))

    assert outcome.tests == [
        {
            "key": "k",
            "name": "n",
            "visible": "hidden",
            "status": "passed",
            "points": 1,
            "max_points": 1,
            "time_ms": 1.0,
        }
    ]


def test_rows_of_earlier_attempts_are_read_without_the_newer_fields() -> None:
    row = {"key": "k", "name": "n", "visible": "sample", "status": "failed"}
    read = ResultOut.model_validate({**row, "points": 0, "max_points": 1})

    assert (read.difference, read.memory_bytes) == ((), None)
    assert ErrorOut.model_validate({"type": "KeyError", "message": "x"}).values == ()


def test_the_whole_tells_no_more_than_the_hidden_tests_do() -> None:
    """Code that hoards by what a hidden test gave it could else write that down in the sum."""

    def kept(visible: Visible) -> tuple[float | None, int | None]:
        result = TestResult(
            key="k", name="k", visible=visible, status="passed", points=1, max_points=1
        )
        verdict = Verdict(
            request_id="r",
            status="passed",
            tests=(result,),
            execution_time_ms=31.4,
            memory_bytes=7_340_033,
        )
        outcome = outcome_of(verdict)
        return outcome.execution_time_ms, outcome.memory_bytes

    assert kept("sample") == (31.4, 7_340_033)
    assert kept("hidden") == (50.0, 10 << 20)


def test_what_is_wrong_with_the_tests_is_not_told_to_the_learner() -> None:
    said = "tests.py, line 2: KeyError: 'the hidden input'"
    verdict = Verdict(request_id="r", status="error", reason="bad_tests", message=said)

    outcome = outcome_of(verdict)

    assert "not counted" in outcome.details["message"]
    assert outcome.details.pop(FOR_AUTHORS) == said
    assert not [text for text in texts(outcome.details) if "hidden input" in text]
