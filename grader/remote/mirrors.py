"""Builds the tests' side of classes, objects and exceptions of the student's process."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote import (
    awaiting,
    bodies,
    contents,
    enums,
    errors,
    lending,
    making,
    opaque,
    special,
    values,
)
from grader.remote.functions import WRAPPED, RemoteFunction
from grader.remote.metaclasses import Metaclass
from grader.remote.proxies import REAL, IterableMirror, Mirror, Proxy
from grader.wire.codec import CodecError

if TYPE_CHECKING:
    from grader.remote.session import Session

_BUILDERS = {"f": "_function", "o": "_object", "v": "_value", "y": "_generator", "w": "_awaitable"}
_ABSTRACT = frozenset({"abc", "collections.abc", "numbers", "typing"})


class Mirrors:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._classes: dict[Any, Any] = {}
        self._objects: dict[int, Any] = {}

    def adopt(self, rid: int, kind: type) -> None:
        """From now on `kind`, made by a test, is the mirror of that class."""
        self._classes[rid] = kind

    def resolve(self, parts: list[Any]) -> Any:
        kind, *rest = parts
        if kind == "g":
            return self._session.exports.get(rest[0])
        if kind == "k":
            return self.class_of(rest[0])
        number = rest[0]
        if type(number) is not int:
            raise CodecError("malformed handle")
        if kind == "e":
            return self._exception(*rest)
        if kind == "v":
            found = self.class_of(rest[1])
            if self._is_plain(found) or not isinstance(found, Mirror):
                return opaque.bare(found, rest[2])
        return self._objects[number] if number in self._objects else self._handle(kind, rest)

    def _handle(self, kind: str, rest: list[Any]) -> Any:
        number, going = rest[0], self._session.sharing.going
        made = going.find(number)
        if made is None:
            made = getattr(self, _BUILDERS[kind])(*rest)
            if kind == "o" and going.may_go(type(made), self._session.sources):
                going.keep(number, made)
            else:
                self._objects[number] = made
        return made

    def _is_plain(self, kind: Any) -> bool:
        """Whether of a value under this class nothing but the value is wanted."""
        watch = self._session.watch
        return not self._session.objects or (watch is not None and watch.wants_bare(kind))

    def _function(self, number: int, info: Any) -> Any:
        if type(info) is not dict:
            raise CodecError("malformed function")
        return RemoteFunction(self._session, number, info)

    def _object(self, number: int, parts: Any) -> Any:
        kind = self.class_of(parts)
        if not self._session.objects:
            kind = opaque.class_of(kind, self._session)
        elif not isinstance(kind, Mirror):
            kind = self._mirror_builtin(kind)
        elif self._session.watch is not None and not self._session.watch.knows(kind):
            kind = opaque.class_of(kind, self._session)
        made = object.__new__(kind)
        object.__setattr__(made, "_rid", number)
        return made

    def _value(self, number: int, parts: Any, value: Any) -> Any:
        kind = self.class_of(parts)
        base = values.base_of(kind)
        if base is None or not isinstance(kind, Mirror) or type(value) is not base:
            raise CodecError("malformed value")
        made = base.__new__(kind, value)  # type: ignore[call-overload]
        object.__setattr__(made, "_rid", number)
        return made

    def _generator(self, number: int, started: Any, *names: Any) -> Any:
        kind = self._mirror_builtin(type(errors.empty_generator()))
        handle = object.__new__(kind)
        object.__setattr__(handle, "_rid", number)
        return WRAPPED.add(errors.drive(handle, started is True), number, names)

    def _awaitable(self, number: int, *names: Any) -> Any:
        handle = object.__new__(self._mirror_builtin(object))
        object.__setattr__(handle, "_rid", number)
        made = awaiting.coroutine(self._session.awaiting, handle)
        return WRAPPED.add(made, number, names)

    def class_of(self, parts: Any) -> Any:
        if type(parts) is not list or len(parts) != 2:
            raise CodecError("malformed class")
        if parts[0] == "b":
            found = vars(builtins).get(parts[1]) if type(parts[1]) is str else None
            if not isinstance(found, type):
                raise CodecError("no such class")
            return found
        if parts[0] == "g":
            lent = self._session.exports.get(parts[1])
            own = errors.is_lent(lent) or opaque.is_named_tuple(lent)
            return lent if own else self._known(lent, lending.mirror)
        number = parts[1]
        if number not in self._classes:
            description = self._session.request("describe", number)
            if number not in self._classes:
                self._classes[number] = self._build(number, description)
        return self._classes[number]

    def _known(self, kind: Any, build: Callable[..., Any]) -> Any:
        if kind not in self._classes:
            self._classes[kind] = build(self._session, kind)
        return self._classes[kind]

    def _build(self, number: int, told: Any) -> Any:
        if type(number) is not int or not special.well_formed(told):
            raise CodecError("malformed class")
        found = bodies.shared(told)
        if found is not None:
            return found
        bases = [self.class_of(base) for base in told["bases"]]
        if any(issubclass(base, type) for base in bases):
            return bodies.metaclass(self._session, number, told, bases)
        body = bodies.body(self._session, number, told)
        exceptions = [b for b in bases if issubclass(b, BaseException)]
        if exceptions:
            kept = {k: v for k, v in body.items() if k not in special.NOT_OF_EXCEPTIONS}
            own = kept | {"__getattr__": errors.ask_exception, "__str__": errors.exception_text}
            return making.make(Mirror, told["name"], tuple(exceptions), own)
        bare = [base for base in bases if values.base_of(base)]
        metaclass = self._metaclass(told)
        if enums.is_one(told, bases):
            return enums.build(told["name"], enums.real(told), bases, bare, body)
        if bare:
            return bodies.value(metaclass, told["name"], bare, body)
        return self._build_object(metaclass, told, bases, body)

    def _metaclass(self, told: dict[str, Any]) -> type:
        found = self.class_of(told["metaclass"]) if told.get("metaclass") else None
        if isinstance(found, Metaclass):
            return found
        return IterableMirror if told.get("iterable") else Mirror

    def _build_object(
        self, meta: Any, told: dict[str, Any], bases: list[type], body: dict[str, Any]
    ) -> Any:
        body["__slots__"] = ()
        mirrored = []
        virtual = []
        for base in bases:
            if isinstance(base, Mirror):
                mirrored.append(base)
            elif base.__module__ in _ABSTRACT:
                virtual.append(base)
                body = special.mixed_in(base) | body
                if contents.contents_of(base) and "__eq__" not in told["special"]:
                    body["__contents__"] = contents.contents_of(base)
                    body |= special.COMPARED
            else:
                mirrored.append(self._mirror_builtin(base))
                body["__class__"] = making.as_instance_of(base, told["name"])
        made = making.make(meta, told["name"], tuple(mirrored) or (Proxy,), body)
        if told["abstract"]:
            type.__setattr__(made, "__abstractmethods__", frozenset(map(str, told["abstract"])))
        type.__setattr__(made, "__virtual__", tuple(virtual))
        type.__setattr__(made, "__told__", tuple(bases))
        for base in virtual:
            if base.__module__ in ("abc", "collections.abc") and hasattr(base, "register"):
                base.register(made)
        return made

    def _mirror_builtin(self, kind: Any) -> Any:
        """For an object whose class is Python's own: an iterator, a file, a lock."""
        if kind not in self._classes:
            names = special.of_builtin(kind)
            watch = self._session.watch
            if watch is not None:
                names = [name for name in names if watch.forwards(name, kind.__name__)]
            body: dict[str, Any] = {name: special.SPECIAL[name] for name in names}
            body |= {"__remote__": self._session, "__rid__": None, "__slots__": ()}
            if kind.__hash__ is None:
                body["__hash__"] = None
            held = contents.contents_of(kind)
            if held is not None:
                body |= {"__contents__": held, **special.COMPARED}
            if held in ("list", "set"):
                body |= contents.ORDERED
            if kind in special.KNOWN_BY_CLASS:
                body["__class__"] = property(lambda _: kind)
                body["__doc__"] = property(lambda it: self._session.request("get", it, "__doc__"))
            self._classes[kind] = making.make(Mirror, kind.__name__, (Proxy,), {**body, REAL: kind})
            if held in contents.PATTERNS:
                contents.PATTERNS[held].register(self._classes[kind])
        return self._classes[kind]

    def _taken(self, place: str, value: Any) -> Any:
        watch = self._session.watch
        return value if watch is None else watch.take(place, value)

    def _exception(
        self, number: int, parts: Any, args: Any, text: Any, state: Any, *behind: Any
    ) -> Any:
        cause, origin, context, suppress = behind
        if origin is not None:
            error = self._session.exports.get(origin)
            errors.raise_from(error, self._exception, cause)
            return error
        if number in self._objects:
            return self._objects[number]
        kind = self.class_of(parts)
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            raise CodecError("not an exception")
        if issubclass(kind, errors.STEERING) or type(args) is not list:
            kind, args = RuntimeError, [f"the code raised {kind.__name__}"]
        error = errors.make_exception(kind, [self._taken(f"{kind.__name__}()", a) for a in args])
        if type(state) is dict:
            known = {k: self._taken(f"{kind.__name__}.{k}", v) for k, v in state.items()}
            errors.set_state(error, known)
        error.__dict__["_rid"] = number
        error.__dict__["_text"] = text if type(text) is str else ""
        errors.link(error, self._exception, cause, context, suppress)
        self._objects[number] = error
        return error
