"""What the tests' side of a student's class is made of, by what their process tells of it."""

from __future__ import annotations

import abc
import types
from typing import TYPE_CHECKING, Any

from grader.remote import making, special, values
from grader.remote.members import RemoteAttribute, RemoteMethod
from grader.remote.metaclasses import Metaclass
from grader.remote.proxies import IterableMirror, Mirror, ValueProxy
from grader.wire import references, shapes
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_SHARED_MODULES = frozenset(
    {"datetime", "decimal", "fractions", "collections", "collections.abc", "abc", "uuid"}
)


#: Classes of Python's own that have no name in `builtins`.
_UNNAMED: dict[Any, type] = {
    kind.__name__: kind for kind in (types.AsyncGeneratorType, types.MappingProxyType)
}


def shared(told: dict[str, Any]) -> Any:
    """A class that both sides have: an exception of Python's, or of a few modules."""
    found = references.loaded(*told["reference"]) if told.get("reference") else None
    if not isinstance(found, type):
        return None
    return (
        found if issubclass(found, BaseException) or found.__module__ in _SHARED_MODULES else None
    )


def _of_library(told: dict[str, Any]) -> Any:
    """For `isinstance`: a class of the standard library that this process has, too."""
    if told["module"] == "builtins" and told["name"] in _UNNAMED:
        return _UNNAMED[told["name"]]
    if not told.get("reference") or told["reference"][0] == "builtins":
        return None
    found = references.loaded(*told["reference"])
    # What asks an object of a table library has more to ask of it than its class.
    if not isinstance(found, type) or found.__module__ == "typing":
        return None
    return found if references.standard(found.__module__) else None


def body(session: Session, number: int, told: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "__remote__": session,
        "__rid__": number,
        "__module__": str(told["module"]),
        "__qualname__": str(told["qualname"]),
        "__doc__": _Doc(told["doc"]),
        "__asks__": told["asks"] is True,
        "__place__": told["reference"],
    }
    if "__del__" in told["special"]:
        made["__goes__"] = True
    ordinary = [name for name in told["methods"] if name not in special.SPECIAL]
    made |= {name: RemoteMethod(name) for name in ordinary}
    made |= {name: RemoteAttribute(name) for name in told["others"] if _is_name(name)}
    watch = session.watch
    for name in told["special"]:
        # What the reference did not need stays as it is for any object: equal if it is itself.
        forwarded = watch is None or name == "__await__" or watch.forwards(name, told["name"])
        if name in special.SPECIAL and forwarded:
            made[name] = _documented(name, told["docs"].get(name))
    for name in special.NOT_MIRRORED:
        made.pop(name, None)
    made.update(dict.fromkeys(told["missing"]))
    if "__eq__" in told["special"] and session.doubts.compares_plain:
        made["__contents__"] = None  # its own comparison is asked, and doubted
    found = _of_library(told)
    if found is not None:
        made["__class__"] = making.known_as(found)
    if type(told["fields"]) is list:
        made |= _dataclass(told["fields"])
    return made


def _dataclass(told: list[Any]) -> dict[str, Any]:
    try:
        return shapes.dataclass(told)
    except (TypeError, ValueError):
        raise CodecError("malformed dataclass") from None


def _documented(name: str, words: Any) -> special.Method:
    """With the words of the student's own method."""
    found: Any = special.SPECIAL[name]
    if type(words) is not list or len(words) != 2 or type(words[1]) is not dict:
        return special.SPECIAL[name]
    parts = (found.__code__, found.__globals__, name, found.__defaults__, found.__closure__)
    made = types.FunctionType(*parts)
    made.__doc__ = words[0] if type(words[0]) is str else None
    made.__annotations__ = words[1]
    return made


#: Two classes are equal if they are the same one, whatever the student's metaclass says.
_BY_MIRROR = {*vars(IterableMirror), *vars(Mirror), "__eq__", "__ne__", "__hash__"} - {"__repr__"}


class _Doc:
    """That of the class; an object is asked for its own."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None or owner.__rid__ is None:
            return self._text
        return owner.__remote__.request("get", instance, "__doc__")


def _is_name(name: Any) -> bool:
    return type(name) is str and name.isidentifier() and name[:2] != "__" and name != "_rid"


def value(meta: Any, name: str, bases: list[type], body: dict[str, Any]) -> Any:
    body = values.body(body, values.base_of(bases[0]))
    if not any(issubclass(base, ValueProxy) for base in bases):
        bases = [*bases, ValueProxy]
    return making.make(meta, name, tuple(bases), body)


def _asked_of_classes(session: Session, told: dict[str, Any]) -> dict[str, special.Method]:
    """Operators and the like of the classes themselves; what `Mirror` asks by itself aside."""
    watch = session.watch
    return {
        name: special.SPECIAL[name]
        for name in told["special"]
        if name in special.SPECIAL and name not in _BY_MIRROR
        if watch is None or watch.forwards(name, told["name"])
    }


def register(cls: Any, kind: Any) -> Any:
    """Not as `ABCMeta` does it: the student's process knows who is registered."""
    return cls.__remote__.call(cls.__remote__.request("get", cls, "register"), (kind,), {})


def metaclass(session: Session, number: int, told: dict[str, Any], bases: list[type]) -> Any:
    kinds: list[Any] = [base for base in bases if issubclass(base, Mirror)] or [Mirror]
    if kinds == [Mirror] and {"__iter__", "__contains__"} & {*told["special"]}:
        kinds = [IterableMirror]
    body = {"__remote__": session, "__rid__": number, "__module__": str(told["module"])}
    body |= _asked_of_classes(session, told)
    if abc.ABCMeta in bases:
        kinds.append(abc.ABCMeta)  # for `isinstance`; asked are the classes over there
        body["register"] = register
    return making.make(Metaclass, told["name"], tuple(kinds), body)
