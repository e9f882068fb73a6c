"""What an attempt keeps of its results is enough to tell them again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pythonmastery_ext.attempts.results import (
    ONLY_OF_SAMPLES,
    asked,
    packed,
    unfolded,
    unpacked,
    went,
)
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.course import read_course
from tests.api.course import make_course

MEMORY = st.sampled_from([None, 1 << 20, 573_440])
#: Fields that a grader may tell beside those that each result has.
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "message": st.sampled_from(["Not quite.", "Look at zero."]),
        "call": st.just("double(2)"),
        "actual": st.just("None"),
        "difference": st.just([{"kind": "type", "note": "None instead of int"}]),
        "line": st.integers(1, 9),
        "time_ms": st.sampled_from([0.0, 1.0, 4.493]),
        "memory_bytes": st.sampled_from([1 << 20, 573_440]),
    },
)
STATUSES = st.sampled_from(["passed", "failed", "error", "timeout", "not_run"])


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> ProblemContent:
    course = read_course(make_course(tmp_path_factory.mktemp("course")))
    problem = course.sections[0].problems[0]
    first, *rest = problem.tests
    tests = [first.model_copy(update={"on_fail": "Look at zero."}), *rest]
    return problem.model_copy(update={"tests": tests})


def shown(result: dict[str, Any]) -> dict[str, Any]:
    hidden = ONLY_OF_SAMPLES if result["visible"] == "hidden" else ()
    return {name: value for name, value in result.items() if name not in hidden}


@given(data=st.data(), kind=st.sampled_from(["check", "submit"]), memory=MEMORY)
def test_results_are_told_as_the_grader_told_them(
    content: ProblemContent, data: st.DataObject, kind: str, memory: int | None
) -> None:
    results = []
    for test in asked(content, kind):
        status = data.draw(STATUSES)
        points = data.draw(st.sampled_from([0, test.weight]))
        told = {"key": test.key, "name": test.name, "visible": test.visible, "status": status}
        told |= {"points": points, "max_points": test.weight}
        results.append(told | data.draw(TOLD))
    kept = json.loads(json.dumps(packed(results, content, kind, memory)))
    assert unpacked(kept, content, kind, memory) == [shown(result) for result in results]
    assert went(kept) == went(results) == [result["status"] for result in results]


def test_a_test_that_passed_is_a_number(content: ProblemContent) -> None:
    results = [
        {"key": test.key, "name": test.name, "visible": test.visible, "status": "passed"}
        | {"points": test.weight, "max_points": test.weight, "time_ms": 1.0, "memory_bytes": 9}
        for test in content.tests
    ]
    assert packed(results, content, "submit", 9) == [1.0, 1.0, 1.0, 1.0]


def test_what_does_not_fit_the_version_is_kept_and_read_as_it_is(content: ProblemContent) -> None:
    old = [{"key": "t-gone", "name": "Gone", "visible": "sample", "status": "failed"}]
    assert packed(old, content, "submit", None) == old
    assert unpacked(old, content, "submit", None) == old
    assert unpacked([], content, "submit", None) == unpacked(None, content, "submit", None) == []


def test_what_is_folded_takes_half_the_room(content: ProblemContent) -> None:
    told = {"call": "double(2)", "actual": "None", "expected": "4", "message": "Not quite."}
    results = [
        {"key": test.key, "name": test.name, "visible": test.visible, "status": "failed"}
        | {"points": 0, "max_points": test.weight, "time_ms": 1.25, "memory_bytes": 1 << 20, **told}
        for test in content.tests
    ]
    (kept,) = packed(results, content, "submit", None)
    plain = unfolded([kept])
    assert len(kept) < len(json.dumps(plain)) / 2
    assert unpacked(plain, content, "submit", None) == unpacked([kept], content, "submit", None)
