"""A check that did not hold, as a sentence."""

from __future__ import annotations

from typing import Any

from grader.testing.asserting import Comparison
from grader.verdicts.showing import clean, show

#: Of each sign: what is told as wanted, and what of the value should be. `{}` is what was wanted.
_WORDS = {
    "==": ("{}", "be {}"),
    "is": ("{}", "be {}"),
    "!=": ("!= {}", "be something else than {}"),
    "is not": ("is not {}", "be something else than {}"),
    "in": ("in {}", "be in {}"),
    "not in": ("not in {}", "not be in {}"),
    "holds": ("with {} in it", "hold {}"),
    "lacks": ("without {} in it", "not hold {}"),
    "items": ("the items of {} in any order", "have the items of {} in any order"),
    "near": ("nearly {}", "be nearly {}"),
    "not near": ("not nearly {}", "not be nearly {}"),
    "instance": ("an instance of {}", "be an instance of {}"),
    "not instance": ("no instance of {}", "be no instance of {}"),
    "match": ("a text that matches {}", "match {}"),
    "not match": ("a text that does not match {}", "not match {}"),
    "raises": ("raises {}", "raise {}"),
    "warns": ("a warning: {}", "give a warning, {}"),
}
_MAX_ERROR = 300
_MAX_VALUE = 200


def wanted(comparison: Comparison) -> str:
    told = _WORDS.get(comparison.sign, (f"{comparison.sign} {{}}", ""))[0]
    return clean(told.replace("{}", _expected(comparison), 1))


def came(comparison: Comparison) -> str:
    actual = comparison.actual
    if comparison.sign == "raises":
        return "no error" if actual is None else _error(actual)
    if comparison.sign == "warns":
        return f"the warning {show(actual)}" if actual else "no warning"
    if "instance" in comparison.sign:
        return f"{show(actual)} ({type(actual).__name__})"
    return show(actual)


def sentence(comparison: Comparison) -> str:
    should = _WORDS.get(comparison.sign, ("", f"be {comparison.sign} {{}}"))[1]
    # The whole values are told beside it.
    said = should.replace("{}", clean(_expected(comparison), _MAX_VALUE), 1)
    call = comparison.call or "The result"
    if comparison.sign in ("raises", "warns"):
        return f"{call} should {said}, but it gave {came(comparison)}."
    hint = _NO_RETURN if comparison.actual is None and comparison.expected is not None else ""
    return f"{call} should {said}, but it is {clean(came(comparison), _MAX_VALUE)}.{hint}"


_NO_RETURN = " A function that ends without return gives None."


def _expected(comparison: Comparison) -> str:
    expected: Any = comparison.expected
    if comparison.sign in ("raises", "warns"):
        return str(expected)
    if "instance" in comparison.sign:
        many = expected if isinstance(expected, tuple) else (expected,)
        return " or ".join(getattr(kind, "__name__", None) or show(kind) for kind in many)
    if "match" in comparison.sign:
        return show(getattr(expected, "pattern", expected))
    return show(expected)


def _error(error: Any) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""  # a __str__ of somebody else's class
    kind = type(error).__name__
    return clean(f"{kind}: {text}" if text else kind, _MAX_ERROR)
