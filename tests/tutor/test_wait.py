"""The wait that Gemini asks for, and the breaker."""

import pytest

from pythonmastery_ext.tutor.wait import LONGEST_REST, Breaker, asked_wait


@pytest.mark.parametrize(
    ("headers", "details", "seconds"),
    [
        ({"Retry-After": "7"}, {}, 7),
        ({}, {"error": {"details": [{"retryDelay": "12.5s"}]}}, 12.5),
        ({"Retry-After": "7"}, {"error": {"details": [{"retryDelay": "9s"}]}}, 9),
        ({"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, {}, None),
        ({"Retry-After": "-3"}, {"error": {"details": [{"retryDelay": "nan"}]}}, None),
        ({"Retry-After": "inf"}, {"error": {"details": ["?", {}]}}, None),
        ({}, {"error": {"details": {"retryDelay": "9s"}}}, None),
        ({}, {"error": "busy"}, None),
        ({}, None, None),
        ({}, [1, 2], None),
    ],
)
def test_the_wait_is_read_from_wherever_it_stands(
    headers: dict[str, str], details: object, seconds: float | None
) -> None:
    assert asked_wait(headers, details) == seconds


def test_a_few_failures_are_forgiven_and_more_are_not() -> None:
    now = [0.0]
    breaker = Breaker(failures=3, seconds=30, clock=lambda: now[0])
    breaker.failed("first")
    breaker.failed("second")
    assert breaker.rest() == 0
    breaker.failed("third")
    assert (breaker.rest(), breaker.why) == (30, "third")
    now[0] = 31
    assert breaker.rest() == 0
    breaker.failed("fourth")
    assert breaker.rest() == 30


def test_gemini_is_left_alone_for_as_long_as_it_asks_within_reason() -> None:
    breaker = Breaker(clock=lambda: 0.0)
    breaker.failed("busy", 40)
    assert breaker.rest() == 40
    breaker.failed("busy", 86_400)
    assert breaker.rest() == LONGEST_REST
