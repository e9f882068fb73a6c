"""Classes of the objects that stand for something in the student's process.

A comparison with a plain value is never decided by the student's code: it is NotImplemented, or
made here on the bare contents.
"""

from __future__ import annotations

import abc
import dataclasses
import types
from typing import TYPE_CHECKING, Any, Literal

from grader.remote.asked import OF_CLASSES, OF_OBJECTS
from grader.remote.metaclasses import Metaclass
from grader.remote.parts import Parts
from grader.remote.shown import REAL as REAL
from grader.remote.shown import address, full_name, in_library
from grader.remote.shown import type_dict as type_dict
from grader.wire import references, shapes

if TYPE_CHECKING:
    from grader.remote.session import Session

_VIRTUAL = "__virtual__"
#: What such parts of a class stand for is shown in their place.
STAND_INS: set[type] = set()
_bases: Any = type.__dict__["__bases__"].__get__
_mro: Any = type.__dict__["__mro__"].__get__


class Mirror(type):
    """A class of the student: calling it calls theirs, asking it asks theirs."""

    if TYPE_CHECKING:  # annotations in these classes would be those of the student's
        __remote__: Session
        __rid__: int

    def __new__(
        mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], /, **options: Any
    ) -> Any:
        """A test makes a subclass of a student's class: its twin is made beside the student's."""
        from grader.remote.subclassing import make_subclass

        return make_subclass(mcs, name, bases, body, options)

    def __init__(cls, /, *args: Any, **kwargs: Any) -> None:
        type.__init__(cls, *args)

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        return cls.__remote__.call(cls, args, kwargs)

    @property
    def __annotations__(cls) -> Any:  # type: ignore[override]
        known = type_dict(cls).get("__annotations__")
        return known if known is not None else cls.__remote__.request("get", cls, "__annotations__")

    @property  # type: ignore[misc]
    def __dict__(cls) -> Any:  # type: ignore[override]
        return types.MappingProxyType(Parts(cls, type_dict(cls), STAND_INS))

    @property  # type: ignore[misc]
    def __class__(cls) -> type:
        own = isinstance(type(cls), Metaclass)
        return abc.ABCMeta if type_dict(cls).get("__asks__") is True and not own else type(cls)

    @property
    def __mro__(cls) -> Any:
        """As the student's own: with what stands for `ABC`, without what is ours."""
        held = [(kind, type_dict(kind)) for kind in type.mro(cls)[:-1]]
        kinds = [parts.get(REAL, kind) for kind, parts in held]
        virtual = [v for _, parts in held for v in parts.get(_VIRTUAL, ())]
        return tuple(dict.fromkeys(k for k in (*kinds, *virtual, object) if k not in _OURS))

    if not TYPE_CHECKING:  # where it can be set

        @property
        def __bases__(cls) -> tuple[type, ...]:
            own = tuple(base for base in _bases(cls) if base not in _OURS)
            return type_dict(cls).get("__told__") or own or (object,)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in OF_CLASSES:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return cls.__remote__.request("get", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        from grader.remote.subclassing import set_part

        set_part(cls, name, value)

    def __delattr__(cls, name: str) -> None:
        here = isinstance(type_dict(cls).get(name), dataclasses.Field)
        if not here:
            cls.__remote__.request("del", cls, name)
        if here or type(type_dict(cls).get(name)) in STAND_INS:
            type.__delattr__(cls, name)

    def __len__(cls) -> int:
        return int(_exact(int, cls.__remote__.request("op", "len", [cls])))

    def __bool__(cls) -> Literal[True]:
        return True

    def __instancecheck__(cls, thing: Any) -> bool:
        if type.__instancecheck__(cls, thing):
            return True
        if in_library(cls, type(thing)):
            return True
        # A protocol, or an abstract class with which the object's class is registered.
        if not _asks(cls):
            return False
        if isinstance(type(thing), Mirror) or cls.__remote__.exports.lends(type(thing)):
            return cls.__remote__.request("op", "isinstance", [thing, cls]) is True
        return issubclass(type(thing), cls)

    def __subclasscheck__(cls, kind: Any) -> bool:
        if type.__subclasscheck__(cls, kind) or in_library(cls, kind):
            return True
        if not _asks(cls) or None in (cls.__rid__, type_dict(kind).get("__rid__", 0)):
            return False  # they have none that stand for Python's own
        lent = isinstance(kind, Mirror) or cls.__remote__.exports.lends(kind)
        known = lent or references.reference(kind) is not None
        return known and cls.__remote__.call(issubclass, (kind, cls), {}) is True

    def __getitem__(cls, key: Any) -> Any:
        return cls.__remote__.request("op", "getitem", [cls, key])

    def __iter__(cls) -> Any:
        # Else by `__getitem__`; the student's process says that there is nothing to iterate.
        return cls.__remote__.request("op", "iter", [cls])

    def __dir__(cls) -> list[str]:
        return list(cls.__remote__.request("op", "dir", [cls]))

    def __subclasses__(cls) -> Any:
        if cls.__rid__ is None:
            return type.__subclasses__(cls)
        return cls.__remote__.call(cls.__remote__.request("get", cls, "__subclasses__"), (), {})

    def mro(cls) -> list[type]:
        # Python itself asks while it makes the class.
        return type.mro(cls) if _mro(cls) is None else list(cls.__mro__)

    @property
    def __signature__(cls) -> Any:
        if type_dict(cls).get("__rid__") is None:
            raise AttributeError("__signature__")
        return shapes.signature(cls.__remote__.request("signature", cls))

    def __repr__(cls) -> str:
        return f"<class {full_name(cls)!r}>"


def _asks(cls: Any) -> bool:
    return type_dict(cls).get("__asks__") is True and not cls.__remote__.is_over


class IterableMirror(Mirror):
    """A class that is itself a collection, as an enumeration is."""

    def __iter__(cls) -> Any:
        return cls.__remote__.request("op", "iter", [cls])

    def __contains__(cls, item: Any) -> bool:
        return bool(_exact(bool, cls.__remote__.request("op", "contains", [cls, item])))


class Proxy:
    """Base of the mirrored classes: an object of the student's process."""

    __slots__ = ("__weakref__", "_rid")
    if TYPE_CHECKING:
        __remote__: Session
        _rid: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in OF_OBJECTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return type(self).__remote__.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        kind = next((k for k in type.mro(type(self)) if name in type_dict(k)), None)
        if kind is not None and type(type_dict(kind)[name]) in STAND_INS:
            from grader.remote.subclassing import ask_each_time

            ask_each_time(kind, name)
        type(self).__remote__.request("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        type(self).__remote__.request("del", self, name)

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return type(self).__remote__.request("get", self, "__dict__")

    def __dir__(self) -> Any:
        return type(self).__remote__.request("op", "dir", [self])

    def __deepcopy__(self, memo: Any) -> Any:
        return type(self).__remote__.request("op", "deepcopy", [self])

    def __copy__(self) -> Any:
        return type(self).__remote__.request("op", "copy", [self])

    def __reduce_ex__(self, protocol: Any) -> Any:
        from grader.remote.pickling import rebuild

        return rebuild, (type(self).__remote__.request("pickled", self),)

    def __repr__(self) -> str:
        return f"<{full_name(type(self))} object at {address(self)}>"


for _name, _part in vars(Proxy).items():
    if isinstance(_part, types.FunctionType):
        _part.__doc__ = getattr(getattr(object, _name, None), "__doc__", None)


class ValueProxy:
    """A student's subclass of str, int, tuple…: its bare value is here, its methods are there."""

    if TYPE_CHECKING:
        __remote__: Session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in OF_OBJECTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return type(self).__remote__.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        type(self).__remote__.request("set", self, name, value)


def _slots(cls: Any) -> Any:
    return () if cls.__rid__ is None else cls.__remote__.request("get", cls, "__slots__")


# In a class's body the name means something else.
type.__setattr__(Mirror, "__slots__", property(_slots))
# As `type(Cls)` shows it.
Mirror.__module__, Mirror.__name__, Mirror.__qualname__ = "builtins", "type", "type"
_OURS = (Proxy, ValueProxy)


def _exact(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"should be {kind.__name__}, not {type(value).__name__}")
    return value
