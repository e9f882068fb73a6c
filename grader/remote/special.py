"""Special methods of mirrored classes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from grader.remote.awaiting import coroutine
from grader.remote.contents import CONTENTS, is_remote, same
from grader.remote.entering import entering, leaving, leaving_later, through_method

Method = Callable[..., Any]


def _checked(name: str, kinds: tuple[type, ...], value: Any) -> Any:
    if kinds and type(value) not in kinds:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{name} should return {wanted}, not {type(value).__name__}")
    return value


def _unary(name: str, operation: str, kinds: tuple[type, ...] = ()) -> Method:
    def method(self: Any) -> Any:
        return _checked(name, kinds, type(self).__remote__.request("op", operation, [self]))

    return method


def _binary(operation: str, *, swapped: bool = False) -> Method:
    def method(self: Any, other: Any) -> Any:
        pair = [other, self] if swapped else [self, other]
        try:
            return type(self).__remote__.request("op", operation, pair)
        except TypeError as error:
            return _not_implemented(error)

    return method


def _not_implemented(error: TypeError) -> Any:
    """Where the operator itself has said so, and no code of the student's."""
    trace = getattr(error, "__student__", None)
    if trace is not None and trace.line is None and _UNSUPPORTED.search(str(error)):
        return NotImplemented
    raise error


_UNSUPPORTED = re.compile(r"^unsupported operand type|^'..?' not supported between instances")


def _power(self: Any, other: Any, *modulus: Any) -> Any:
    return type(self).__remote__.request("op", "pow", [self, other, *modulus])


_MOST_NAMES = 2000
#: Special methods that a mirrored class has of its own.
NOT_MIRRORED = frozenset(
    f"__{name}__"
    for name in [
        "new",
        "init_subclass",
        "getattr",
        "setattr",
        "delattr",
        "getattribute",
        "class_getitem",
        "del",
        # numpy would ask them instead of comparing.
        *("array", "array_ufunc", "array_function", "array_priority", "class"),
    ]
)


_LISTS = ("bases", "special", "missing", "methods", "others", "abstract")


def well_formed(told: Any) -> bool:
    """Whether a class is described by lists, and short ones: a range would have no end."""
    if type(told) is not dict:
        return False
    lists = [told.get(name) for name in _LISTS]
    lists.append(told.get("reference") or [])
    if type(told.get("docs")) is not dict or len(told["docs"]) > _MOST_NAMES:
        return False
    return all(type(each) is list and len(each) <= _MOST_NAMES for each in lists)


def of_builtin(kind: Any) -> list[str]:
    """Special methods that objects of Python's own class have beyond those of every object."""
    names = [name for name in dir(kind) if name in SPECIAL and name not in vars(object)]
    if getattr(kind, "__eq__", None) is not object.__eq__:
        names += ["__eq__", "__ne__", "__hash__"]
    others = ("__repr__", "__str__", "__lt__", "__le__", "__gt__", "__ge__")
    return names + [n for n in others if getattr(kind, n) is not getattr(object, n)]


def _comparison(name: str) -> Method:
    def method(self: Any, other: Any) -> Any:
        if not is_remote(other):
            contents = getattr(type(self), "__contents__", None)
            if contents is None or not isinstance(other, CONTENTS[contents]):
                return type(self).__remote__.doubts.compared_with_plain(name, self, other)
            return same(self, other) is (name == "eq")
        watch = type(self).__remote__.watch
        if watch is not None and not watch.compares(type(self), f"__{name}__"):
            return NotImplemented
        return _believed(self, name, [self, other], apart=type(self).__remote__.open_tests)

    return method


def _order(name: str) -> Method:
    def method(self: Any, other: Any) -> Any:
        try:
            return _believed(self, name, [self, other])
        except TypeError as error:
            return _not_implemented(error)

    return method


def _believed(self: Any, name: str, pair: list[Any], *, apart: bool = False) -> Any:
    """`apart`: the method alone, which may give NotImplemented."""
    session = type(self).__remote__
    answer = session.request("op", f"_{name}" if apart else name, pair)
    return session.doubts.about(name, self, answer)


def _set_item(self: Any, key: Any, value: Any) -> None:
    type(self).__remote__.request("op", "setitem", [self, key, value])


def _format(self: Any, specification: str) -> Any:
    found = type(self).__remote__.request("op", "format", [self, specification])
    return _checked("__format__", (str,), found)


def _round(self: Any, *digits: Any) -> Any:
    return type(self).__remote__.request("op", "round", [self, *digits])


def _call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
    return type(self).__remote__.call(self, args, kwargs)


def _await(self: Any) -> Any:
    return coroutine(type(self).__remote__.awaiting, self).__await__()


def _hash(self: Any) -> Any:
    found = type(self).__remote__.request("op", "hash", [self])
    return _checked("__hash__", (int,), found)


SPECIAL: dict[str, Method] = {
    "__call__": _call,
    "__setitem__": _set_item,
    "__format__": _format,
    "__round__": _round,
    "__enter__": entering,
    "__exit__": leaving,
    "__aexit__": leaving_later,
    "__hash__": _hash,
    "__pow__": _power,
    "__rpow__": _binary("pow", swapped=True),
    "__eq__": _comparison("eq"),
    "__ne__": _comparison("ne"),
}
for _name, _kinds in {
    "len": (int,),
    "bool": (bool,),
    "str": (str,),
    "repr": (str,),
    "int": (int,),
    "float": (float,),
    "complex": (complex,),
    "bytes": (bytes,),
    "index": (int,),
    "abs": (),
    "neg": (),
    "pos": (),
    "invert": (),
    "iter": (),
    "next": (),
    "reversed": (),
    "aiter": (),
    "anext": (),
}.items():
    SPECIAL[f"__{_name}__"] = _unary(f"__{_name}__", _name, _kinds)
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "matmul")
for _name in (*_ARITHMETIC, "lshift", "rshift", "and", "or", "xor"):
    _operation = f"{_name}_" if _name in ("and", "or") else _name
    SPECIAL[f"__{_name}__"] = _binary(_operation)
    SPECIAL[f"__r{_name}__"] = _binary(_operation, swapped=True)
    SPECIAL[f"__i{_name}__"] = _binary(f"i{_name}")
SPECIAL["__divmod__"] = _binary("divmod")
SPECIAL["__rdivmod__"] = _binary("divmod", swapped=True)
for _name in ("getitem", "contains", "delitem"):
    SPECIAL[f"__{_name}__"] = _binary(_name)
for _name in ("lt", "le", "gt", "ge"):
    SPECIAL[f"__{_name}__"] = _order(_name)
for _name in ("__aenter__", "__ceil__", "__floor__", "__trunc__", "__fspath__"):
    SPECIAL[_name] = through_method(_name)
SPECIAL["__await__"] = _await
SPECIAL["__set_name__"] = through_method("__set_name__")
for _name, _method in SPECIAL.items():
    _method.__name__ = _name


#: For `isinstance`. Values are not among them: what says that it is a number is one.
KNOWN_BY_CLASS = frozenset(
    {map, zip, filter, enumerate, reversed, property, staticmethod, classmethod, memoryview}
)
NOT_OF_EXCEPTIONS = SPECIAL.keys() - {"__eq__", "__ne__", "__hash__", "__repr__"}


def without_comparisons(body: dict[str, Any]) -> dict[str, Any]:
    """Of a value: its bare self is compared, here."""
    return {name: part for name, part in body.items() if name not in _OF_BARE_VALUES}


_OF_BARE_VALUES = frozenset(
    f"__{name}__"
    for name in ("eq", "ne", "lt", "le", "gt", "ge", "hash", "len", "iter", "contains")
)


def mixed_in(base: type) -> dict[str, Method]:
    """What an abstract class of the standard library brings with it, comparisons aside."""
    found = {n for kind in base.__mro__ if kind is not object for n, m in vars(kind).items() if m}
    return {n: SPECIAL[n] for n in found & SPECIAL.keys() if n not in _COMPARISONS}


_COMPARISONS = frozenset({"__eq__", "__ne__", "__hash__"})
COMPARED = {name: SPECIAL[name] for name in ("__eq__", "__ne__")}
