"""Requests and verdicts go over the wire unchanged, and malformed ones are refused in words."""

from __future__ import annotations

import dataclasses
import json

import pytest

from grader.protocol import (
    ErrorDetail,
    GradeRequest,
    ProtocolError,
    Test,
    TestResult,
    Verdict,
    request_from_json,
    to_json,
    verdict_from_json,
)
from grader.requests import Requests

TEST = Test(key="a", name="A", source="assert f() == 1", tolerance=0.1, on_fail="no")
REQUEST = GradeRequest(id="1", code="x = 1", tests=(TEST,), allow_imports=("math",))


def test_a_request_comes_back_equal() -> None:
    assert request_from_json(to_json(REQUEST)) == REQUEST


def test_a_verdict_comes_back_equal() -> None:
    result = TestResult(
        key="a", name="A", visible="hidden", status="passed", points=1.0, max_points=1.0
    )
    error = ErrorDetail(type="ValueError", message="\ud800", line=3)
    verdict = Verdict(request_id="1", status="passed", tests=(result,), error=error, points=1.0)

    assert verdict_from_json(to_json(verdict)) == verdict


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": 1}, "GradeRequest.code must be str"),
        ({"tests": []}, "at least one test"),
        ({"tests": [{"key": "a"}]}, "Test"),
        ({"surprise": 1}, "no field 'surprise'"),
        ({"module": "not-a-name"}, "not a module name"),
        ({"code": "x" * 70_000}, "larger than 64 KB"),
        ({"limits": {"cpu_seconds": "2"}}, "cpu_seconds must be float"),
        ({"allow_imports": "math"}, "allow_imports must be list"),
        ({"id": "x" * 201}, "at most 200 characters"),
        ({"id": "\ud800"}, "printable"),
        ({"limits": {"wall_seconds": -1.0}}, "more than 0"),
        ({"limits": {"wall_seconds": 1e300}}, "at most a million"),
        ({"tests": [{"key": "a", "name": "a", "source": "x", "weight": -1}]}, "not negative"),
    ],
)
def test_a_malformed_request_is_refused_in_words(change: dict[str, object], words: str) -> None:
    broken = json.loads(to_json(REQUEST)) | change

    with pytest.raises(ProtocolError, match=words):
        request_from_json(json.dumps(broken))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "1", "[" * 100_000])
def test_what_is_no_request_at_all_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        request_from_json(text)


def test_of_a_known_suite_only_what_is_a_submissions_own_is_read() -> None:
    requests = Requests()
    first = requests.read(to_json(REQUEST))
    second = requests.read(to_json(dataclasses.replace(REQUEST, id="2", code="x = 2", seed=7)))

    assert (first.id, first.code, first.seed) == ("1", "x = 1", 0)
    assert second == dataclasses.replace(REQUEST, id="2", code="x = 2", seed=7)
    assert second.tests is first.tests


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": 1}, "GradeRequest.code must be str"),
        ({"seed": True}, "GradeRequest.seed must be int"),
        ({"id": "x" * 201}, "at most 200 characters"),
        ({"code": "x" * 70_000}, "larger than 64 KB"),
        ({"tests": [{"key": "a", "name": "a", "source": "x", "weight": -1}]}, "not negative"),
    ],
)
def test_a_malformed_request_to_a_known_suite_is_refused(
    change: dict[str, object], words: str
) -> None:
    requests = Requests()
    requests.read(to_json(REQUEST))

    with pytest.raises(ProtocolError, match=words):
        requests.read(json.dumps(json.loads(to_json(REQUEST)) | change))
