"""What is kept of each test that has run, and what a student may be told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grader.protocol import Reason, Test, TestResult, TestStatus, VerdictStatus
from grader.remote import StudentTimeout
from grader.rounding import coarse
from grader.verdicts.outcome import Outcome, trace_of
from grader.verdicts.showing import capped, clean

_MAX_PRINTED = 8000
_MIB = 1 << 20


@dataclass
class Row:
    name: str
    outcome: Outcome | None = None
    time_ms: float = 0.0
    memory_bytes: int = 0
    stdout: str = ""
    #: Fields of the result that only a sample test has, and what they tell of.
    told: dict[str, Any] = field(default_factory=dict)
    about: BaseException | None = None


def result(test: Test, row: Row, name: str) -> TestResult:
    status = _status(row.outcome)
    skipped = row.outcome.skipped if row.outcome else None
    most = 0.0 if skipped is not None else float(test.weight)
    return TestResult(
        key=f"{test.key}::{name}" if test.suite else test.key,
        name=clean(name, 300),
        visible=test.visible,
        status=status,
        points=most if status == "passed" else 0.0,
        max_points=most,
        **_told(test, row, status),
    )


def _status(outcome: Outcome | None) -> TestStatus:
    if outcome is None or outcome.skipped is not None:
        return "not_run"
    error = outcome.error
    if error is None:
        return "passed"
    if isinstance(error, StudentTimeout):
        return "timeout"
    if isinstance(error, AssertionError) and trace_of(error) is None:
        return "failed"
    return "error"


def _told(test: Test, row: Row, status: TestStatus) -> dict[str, Any]:
    """Of a hidden test nothing but its name and the author's `on_fail`: no value, no print.

    Code that sleeps or hoards by what it was given could tell it by the exact time or memory.
    """
    skipped = row.outcome.skipped if row.outcome is not None else None
    if test.visible == "hidden":
        failed = status not in ("passed", "not_run")
        return {
            "message": (test.on_fail or "") if failed else "Skipped" if skipped is not None else "",
            "time_ms": coarse(round(row.time_ms, 3)),
            "memory_bytes": round(coarse(row.memory_bytes / _MIB) * _MIB),
        }
    told: dict[str, Any] = {**row.told, "stdout": capped(row.stdout, _MAX_PRINTED)}
    if skipped is not None:
        told = {"message": f"Skipped: {skipped}".rstrip(": ")}
    return {"time_ms": round(row.time_ms, 3), "memory_bytes": row.memory_bytes, **told}


def verdict_status(tests: list[TestResult], reason: Reason | None) -> VerdictStatus:
    if reason in ("timeout", "output"):
        return "timeout"
    if reason in ("internal", "bad_tests"):
        return "error"
    counted = [test for test in tests if test.max_points or test.status != "not_run"]
    passed = [test for test in counted if test.status == "passed"]
    if counted and len(passed) == len(counted):
        return "passed"
    return "partial" if passed else "failed"
