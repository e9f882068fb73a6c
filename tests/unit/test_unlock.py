"""When hints open."""

import pytest

from pythonmastery_ext.curriculum.unlock import UnlockError, UnlockFacts, parse

LEVEL_1 = {"any": [{"failed_attempts": 1}, {"minutes": 4}]}
LEVEL_4 = {"all": [{"hint_seen": 3}, {"any": [{"failed_attempts": 5}, {"minutes": 18}]}]}


@pytest.mark.parametrize(
    ("rule", "facts", "opens"),
    [
        (LEVEL_1, {}, False),
        (LEVEL_1, {"failed_attempts": 1}, True),
        (LEVEL_1, {"minutes": 3.99}, False),
        (LEVEL_1, {"minutes": 4.0}, True),
        (LEVEL_4, {"failed_attempts": 9, "minutes": 90.0}, False),
        (LEVEL_4, {"hints_seen": frozenset({3})}, False),
        (LEVEL_4, {"hints_seen": frozenset({3}), "minutes": 18.0}, True),
        ({"test_failed": "t-a"}, {"failed_tests": frozenset({"t-b"})}, False),
        ({"test_failed": "t-a"}, {"failed_tests": frozenset({"t-a"})}, True),
        ({"misconception": "MC-A"}, {"misconceptions": frozenset({"MC-A"})}, True),
    ],
)
def test_a_rule_opens_when_its_facts_are_there(rule, facts, opens):
    assert parse(rule).evaluate(UnlockFacts(**facts)) is opens


@pytest.mark.parametrize(
    ("rule", "facts", "sentence"),
    [
        (LEVEL_1, {}, "Opens after 1 failed attempt or in 4 minutes."),
        (LEVEL_1, {"minutes": 0.5}, "Opens after 1 failed attempt or in 4 minutes."),
        (LEVEL_1, {"minutes": 3.2}, "Opens after 1 failed attempt or in 1 minute."),
        ({"failed_attempts": 3}, {"failed_attempts": 2}, "Opens after 1 more failed attempt."),
        ({"failed_attempts": 3}, {"failed_attempts": 1}, "Opens after 2 more failed attempts."),
        (
            LEVEL_4,
            {},
            "Opens after you open hint 3, and after 5 failed attempts or in 18 minutes.",
        ),
        (
            LEVEL_4,
            {"hints_seen": frozenset({3}), "failed_attempts": 4},
            "Opens after 1 more failed attempt or in 18 minutes.",
        ),
        (LEVEL_4, {"minutes": 18.0}, "Opens after you open hint 3."),
        ({"test_failed": "t-a"}, {}, "Opens when a certain test fails."),
        ({"misconception": "MC-A"}, {}, "Opens when a certain mistake shows in your code."),
        (LEVEL_1, {"minutes": 4.0}, ""),
    ],
)
def test_a_closed_hint_says_what_is_missing(rule, facts, sentence):
    assert parse(rule).sentence(UnlockFacts(**facts)) == sentence


@pytest.mark.parametrize(
    ("rule", "facts", "minutes"),
    [
        (LEVEL_1, {"minutes": 1.5}, 2.5),
        (LEVEL_1, {"failed_attempts": 1}, 0.0),
        (LEVEL_4, {"minutes": 1.0}, None),
        (LEVEL_4, {"minutes": 1.0, "hints_seen": frozenset({3})}, 17.0),
        ({"all": [{"minutes": 3}, {"minutes": 8}]}, {"minutes": 1.0}, 7.0),
        ({"any": [{"hint_seen": 1}, {"failed_attempts": 2}]}, {}, None),
    ],
)
def test_the_wait_is_what_the_clock_alone_takes(rule, facts, minutes):
    assert parse(rule).wait(UnlockFacts(**facts)) == minutes


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (None, "an object with one key"),
        ({}, "an object with one key"),
        ({"minutes": 1, "hint_seen": 1}, "an object with one key"),
        ({"any": []}, '"any" takes a list of one or more rules'),
        ({"all": {"minutes": 1}}, '"all" takes a list'),
        ({"minutes": True}, '"minutes" takes a whole number'),
        ({"minutes": 0}, '"minutes" takes a whole number'),
        ({"minutes": 1.5}, '"minutes" takes a whole number'),
        ({"failed_attempts": "2"}, '"failed_attempts" takes a whole number'),
        ({"hint_seen": 5}, "from 1 to 4"),
        ({"test_failed": 3}, "the key of a test"),
        ({"misconception": "loop"}, "MC-OFF-BY-ONE"),
        ({"attempts": 3}, 'unknown unlock rule "attempts"'),
        ({"any": [{"all": [{"hours": 1}]}]}, 'unknown unlock rule "hours"'),
    ],
)
def test_a_rule_outside_the_grammar_is_refused(rule, reason):
    with pytest.raises(UnlockError) as caught:
        parse(rule)
    assert reason in str(caught.value)


def test_a_rule_cannot_be_nested_without_end():
    rule = {"minutes": 1}
    for _ in range(5):
        rule = {"any": [rule]}
    parse(rule)
    with pytest.raises(UnlockError, match="nested"):
        parse({"all": [{"all": [rule]}]})
