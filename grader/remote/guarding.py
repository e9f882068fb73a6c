"""What a test works out with plain values is not for the student's objects to answer.

In `abs(v.parts()[0] - 1.5) < 1e-9` an object in that list, with a `-` of its own, would say 0.0. So
where in a test no right solution's objects are asked by an operator, none may answer one there with
a plain value: neither a number that is near to any other, nor yes to an order or an `in`.
"""

from __future__ import annotations

from typing import Any

from grader.remote import messages
from grader.remote.functions import RemoteFunction
from grader.remote.opaque import WrongKind
from grader.remote.places import ORDER, operator
from grader.remote.proxies import Mirror

_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "abs", "neg")
_NUMBERS = ("round", "int", "float", "complex", "index", "bool")
#: A yes to `==` is another matter: objects are compared with objects only.
_GUARDED = frozenset({*_ARITHMETIC, *_NUMBERS, "contains"})


def is_guarded(message: list[Any], result: Any) -> bool:
    if message[0] != "op":
        return False
    name = operator(message[1])
    if name in ORDER:  # an object that is answered there says yes, too
        return True
    is_object = isinstance(type(result), Mirror) or type(result) is RemoteFunction
    return name in _GUARDED and not is_object


def refusal(message: list[Any]) -> WrongKind:
    names = [type(one).__name__ for one in message[2] if isinstance(type(one), Mirror)]
    kind = f"{messages.article(names[0])}{names[0]}" if names else "an object"
    return WrongKind(
        f"The test works with a plain value here, but your code gives it {kind}, an object of a "
        "class of its own."
    )
