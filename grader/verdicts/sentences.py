"""A check that did not hold, as a sentence."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from grader.protocol import DifferencePart
from grader.testing.asserting import Comparison
from grader.verdicts.showing import clean, show

#: Of each sign: what is told as wanted, and what of the value should be. `{}` is what was wanted.
_WORDS = {
    "==": ("{}", "be {}"),
    "is": ("{}", "be {}"),
    "!=": ("!= {}", "be something other than {}"),
    "is not": ("is not {}", "be something other than {}"),
    "new": ("a new {}", "be a new {}"),
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
    "warns": ("a warning: {}", "give a warning ({})"),
}
_MAX_ERROR = 300
_MAX_VALUE = 200
_MAX_PRINTED = 60
#: What is longer is not told a second time.
_MAX_TWICE = 24
_MOST_PLACES = 2
#: There is one of each only.
_ONES = (bool, int, str, type(None))
#: After these no full stop is needed.
_ENDS = (".", "!", "?", "…")


#: Of which both sides may be wrong.
OF_TWO = frozenset({"==", "!=", "<", "<=", ">", ">="})


def wanted(comparison: Comparison) -> str:
    told = _WORDS.get(comparison.sign, (f"{comparison.sign} {{}}", ""))[0]
    expected = _expected(comparison)
    if comparison.other:
        expected = f"{clean(comparison.other, _MAX_VALUE)}, which is {expected}"
    return clean(told.replace("{}", expected, 1))


def came(comparison: Comparison) -> str:
    actual = comparison.actual
    if comparison.sign == "raises":
        bare = " without a text" if " with a text " in str(comparison.expected) else ""
        return "no error" if actual is None else _error(actual, bare)
    if comparison.sign == "warns":
        return clean(actual, _MAX_ERROR) if type(actual) is str else "no warning"
    if "instance" in comparison.sign:
        return f"{show(actual)} ({type(actual).__name__})"
    return show(actual)


def sentence(
    comparison: Comparison,
    difference: tuple[DifferencePart, ...] = (),
    printed: str = "",
    none: str = "",
) -> str:
    """`printed`: by the student's code, meanwhile; `none`: why it gave None, if that is known."""
    should = _WORDS.get(comparison.sign, ("", f"be {comparison.sign} {{}}"))[1]
    # The whole values are told beside it.
    said = should.replace("{}", clean(_expected(comparison), _MAX_VALUE), 1)
    call, got = comparison.call or "The result", came(comparison)
    if comparison.sign in ("raises", "warns"):
        return f"{call} should {said}, but it gave {got}{'' if got.endswith(_ENDS) else '.'}"
    if comparison.sign == "new":
        same = f" as {comparison.expected}" if comparison.expected else ""
        return f"{call} should {said}, but it is the same one{same}."
    hint = _hint(comparison, printed, none or " A function that ends without return gives None.")
    if comparison.other:
        return _of_two(comparison, got, difference) + hint
    if comparison.sign in ("holds", "lacks") and type(comparison.actual) is os._Environ:
        # What else is in it belongs to the machine.
        return f"{call} should {said}, but it does{' not' if comparison.sign == 'holds' else ''}."
    if difference and (_is_long(got) or _is_long(_expected(comparison))):
        return f"{call} is not what it should be: {_places(difference)}."
    one = comparison.actual is comparison.expected and not isinstance(comparison.actual, _ONES)
    if comparison.sign == "is not" and one:
        return f"{call} should be another object, but it is the same one."
    if comparison.sign == "!=" and len(got) > _MAX_TWICE and got == _expected(comparison):
        return f"{call} should {said}, but the two are equal."
    return f"{call} should {said}, but it is {clean(got, _MAX_VALUE)}.{hint}"


def _of_two(comparison: Comparison, got: str, difference: tuple[DifferencePart, ...]) -> str:
    """Neither of the two is known to be the right one."""
    call, other = comparison.call or "The result", clean(comparison.other or "", _MAX_VALUE)
    expected = _expected(comparison)
    same = f"the same as {other}"
    how = {"==": same, "!=": f"something other than {other}"}
    said = how.get(comparison.sign, f"{comparison.sign} {other}")
    if difference and (_is_long(got) or _is_long(expected)):
        return f"{call} should be {said}: {_places(difference)}."
    if got == expected:
        return f"{call} should be {said}, but both are {clean(got, _MAX_VALUE)}."
    both = f"{clean(got, _MAX_VALUE)} and {clean(expected, _MAX_VALUE)}"
    return f"{call} should be {said}, but they are {both}."


def _places(difference: tuple[DifferencePart, ...]) -> str:
    return "; ".join(map(_place, difference[:_MOST_PLACES]))


def _is_long(text: str) -> bool:
    """Nobody sees by themselves where two of these differ."""
    return len(text) > _MAX_VALUE or "\n" in text


def _place(part: DifferencePart) -> str:
    where = f"at {part.path} " if part.path else ""
    of_whole = part.kind == "text" and not part.path and bool(part.note)
    if of_whole or (part.expected is None and part.actual is None):
        return f"{where}{part.note}"
    if part.actual is None:
        return f"{where}{part.expected} is missing"
    if part.expected is None:
        return f"{where}{part.actual} should not be there"
    return f"{where}it is {part.actual} instead of {part.expected}"


def _hint(comparison: Comparison, printed: str, none: str) -> str:
    call = comparison.call or ")"
    if comparison.actual is None and call.endswith(".__doc__"):
        return " It has no docstring."
    if comparison.actual is None and comparison.expected is not None and call.endswith(")"):
        if printed.strip():
            said = clean(printed.strip(), _MAX_PRINTED)
            return f" It printed {said!r}: print shows a value, return gives it back."
        # Of `re.match(…)` it is no function of the student's.
        return "" if call.partition(".")[0] in sys.stdlib_module_names else none
    if comparison.sign == "==" and came(comparison) == _expected(comparison):
        return " They look alike when they are shown, but == says that they differ."
    if comparison.sign == "is" and not isinstance(comparison.expected, (*_ONES, type)):
        if came(comparison) == _expected(comparison):
            return " It looks the same, but it is another object."
        return " The test asks for that very object, not for one like it."
    if type(comparison.actual) is str and _BARE.fullmatch(comparison.actual):
        return " An object whose class has neither __str__ nor __repr__ is shown like this."
    return ""


#: Of an object that nobody has taught how to show itself.
_BARE = re.compile(r"<[\w.]+ object( at 0x[0-9a-fA-F]+)?>")


def _expected(comparison: Comparison) -> str:
    expected: Any = comparison.expected
    if comparison.sign in ("raises", "warns"):
        return str(expected)
    if comparison.sign == "new":
        return type(comparison.actual).__name__
    if "instance" in comparison.sign:
        many = expected if isinstance(expected, tuple) else (expected,)
        return " or ".join(getattr(kind, "__name__", None) or show(kind) for kind in many)
    if "match" in comparison.sign:
        return show(getattr(expected, "pattern", expected))
    return show(expected)


def _error(error: Any, bare: str) -> str:
    """`bare`: what is said of one without a text."""
    try:
        text = str(error)
    except Exception:
        text = ""  # a __str__ of somebody else's class
    kind = type(error).__name__
    return clean(f"{kind}: {text}" if text else f"{kind}{bare}", _MAX_ERROR)
