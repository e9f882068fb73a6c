"""Asserts taken apart for display."""

import pytest

from pythonmastery_ext.curriculum.asserts import split


@pytest.mark.parametrize(
    ("source", "call", "value"),
    [
        ("assert f(1, -2.5) == 3", {"args": [1, -2.5], "kwargs": {}}, 3),
        ("assert f(a=[1, None]) == True", {"args": [], "kwargs": {"a": [1, None]}}, True),
        ('assert f({"x": "é"}) == {}', {"args": [{"x": "é"}], "kwargs": {}}, {}),
        ("assert f() == (1, 2)", {"args": [], "kwargs": {}}, {"$python": "(1, 2)"}),
        (
            'assert f([date(2026, 1, 2)]) == {"a": Decimal("0.1")}',
            {"args": [[{"$python": "date(2026, 1, 2)"}]], "kwargs": {}},
            {"a": {"$python": "Decimal('0.1')"}},
        ),
        ("assert f({1: 2}) == 3", {"args": [{"$python": "{1: 2}"}], "kwargs": {}}, 3),
        ("assert f('\\0') == 3", {"args": [{"$python": "'\\x00'"}], "kwargs": {}}, 3),
        ("assert f([*x]) == 3", {"args": [{"$python": "[*x]"}], "kwargs": {}}, 3),
        (
            'assert f({"$python": 1}) == 3',
            {"args": [{"$python": "{'$python': 1}"}], "kwargs": {}},
            3,
        ),
    ],
)
def test_one_assert_of_one_call_is_split(source, call, value):
    assert split(source, ["f"]) == ({"call": "f", **call}, {"value": value})


@pytest.mark.parametrize(
    "source",
    [
        "assert g(1) == 3",
        "assert f(1) != 3",
        "assert 3 == f(1)",
        "assert f(1) == 3 == 3",
        "assert f(*x) == 3",
        "assert f(**x) == 3",
        "assert f(1)",
        "x = 1\nassert f(x) == 3",
        "",
    ],
)
def test_anything_else_is_left_as_source(source):
    assert split(source, ["f"]) is None
