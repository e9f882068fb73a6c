"""Functions, methods and the module of the student, and how a thing of theirs is named to them."""

from __future__ import annotations

import inspect
import linecache
import types
from typing import TYPE_CHECKING, Any

from grader.remote.members import RemoteMethod
from grader.remote.metaclasses import Metaclass
from grader.remote.names import Names
from grader.remote.opaque import OF_PLAIN_VALUES
from grader.remote.proxies import Mirror
from grader.remote.shown import address
from grader.wire import shapes

if TYPE_CHECKING:
    from grader.remote.session import Session


class RemoteFunction:
    """A function or method of the student's process."""

    def __init__(self, session: Session, rid: int, info: dict[str, Any]) -> None:
        self._session = session
        self._rid = rid
        self.__name__ = str(info.get("name"))
        self.__qualname__ = str(info.get("qualname"))
        self.__module__ = str(info.get("module"))
        doc = info.get("doc")
        self.__doc__ = doc if type(doc) is str else None
        flags = info.get("flags")
        shape, file = info.get("code"), _SOURCES.get("")
        self.__code__ = shapes.code(self.__name__, self.__qualname__, flags, shape, file)
        if self.__code__.co_flags & inspect.CO_COROUTINE:
            import asyncio.coroutines

            self._is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", True)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return types.FunctionType

    @property
    def __signature__(self) -> inspect.Signature:
        try:
            return shapes.signature(self._session.request("signature", self))
        except ValueError:
            return inspect.signature(self.__wrapped__)  # a test's function has none over there

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._session.call(self, args, kwargs)

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("__closure__", "__globals__"):
            return None
        if not self._session.objects and name in OF_PLAIN_VALUES:
            raise AttributeError(f"{self.__name__!r} is a function and has no {name!r}")
        return self._session.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN_ATTRIBUTES:
            object.__setattr__(self, name, value)
        else:
            self._session.request("set", self, name, value)

    def __repr__(self) -> str:
        return f"<function {self.__qualname__} at {address(self)}>"


# As messages of Python call it: "'function' object is not iterable".
RemoteFunction.__name__ = RemoteFunction.__qualname__ = "function"

#: Name of the file that stands for the student's source, under "".
_SOURCES: dict[str, str] = {}


def show_source(module: str, code: str) -> None:
    """Let `inspect.getsource` of the student's functions find what was submitted."""
    name = f"{module}.py"
    _SOURCES[""] = name
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)


_OWN_ATTRIBUTES = frozenset(
    {"_session", "_rid", "_is_coroutine"}
    | {f"__{n}__" for n in ("name", "qualname", "doc", "code", "module", "wrapped", "dict")}
)


_OF_MODULES = frozenset(
    f"__{n}__" for n in ["version", "author", "annotations", "license", "copyright", "email"]
)


_own_names: Any = vars(types.ModuleType)["__dict__"].__get__


class RemoteModule(types.ModuleType):
    """The student's module."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(name)
        self.__pm_session__ = session
        # Functions and classes stay what they are; asking for them each time would take longer
        # than many a test.
        self.__pm_known__: dict[str, Any] = {}
        self.__file__ = f"{name}.py"

    # In the place of the docstring of this class: the module's own is meant.
    __doc__ = property(lambda self: self.__pm_session__.request("get", self, "__doc__"))

    @property
    def __annotations__(self) -> Any:  # type: ignore[override]
        return self.__pm_session__.request("get", self, "__annotations__")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return Names(self, _own_names(self))

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return list(self.__pm_session__.request("names", self.__name__))
        if name in _OF_MODULES:
            return self.__pm_session__.request("get", self, name)
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name in self.__pm_known__:
            return self.__pm_known__[name]
        value = self.__pm_session__.request("get", self, name)
        if type(value) is RemoteFunction or isinstance(value, Mirror):
            self.__pm_known__[name] = value
        return value

    def learn(self, functions: dict[Any, Any]) -> None:
        named = {k: v for k, v in functions.items() if type(v) is RemoteFunction}
        self.__pm_known__.update(named)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):
            super().__setattr__(name, value)
        else:
            self.__pm_known__.pop(name, None)
            self.__pm_session__.request("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self.__pm_known__.pop(name, None)
        self.__pm_session__.request("del", self, name)

    def __dir__(self) -> list[str]:
        return list(self.__pm_session__.request("names", self.__name__, True))


def identify(value: Any) -> list[Any] | None:
    """How to name a thing of the student's process to it; None if it is no such thing."""
    kind = type(value)
    if isinstance(kind, Mirror) or kind is RemoteFunction:
        rid = _own(value, "_rid")
        return ["h", rid] if rid is not None else None
    if isinstance(value, Mirror | Metaclass):
        return ["h", value.__rid__]
    if kind is RemoteModule:
        return ["module", value.__name__]
    if kind is types.MethodType and type(value.__func__) is RemoteMethod:
        rid = _own(value.__self__, "_rid")
        return ["m", rid, value.__func__.__name__] if rid is not None else None
    rid = getattr(value, "__dict__", {}).get("_rid") if isinstance(value, BaseException) else None
    return ["h", rid] if type(rid) is int else WRAPPED.get(value)


def _own(value: Any, name: str) -> Any:
    try:
        return object.__getattribute__(value, name)
    except AttributeError:
        return None


def ran_again(module: RemoteModule) -> None:
    module.__pm_known__.clear()  # what its names stood for is no longer there


class _Wrapped:
    """Real generators and coroutines that drive one of the student's."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, int]] = {}

    def add(self, value: Any, rid: int, names: tuple[Any, ...]) -> Any:
        value.__name__, value.__qualname__ = map(str, names)
        self._known[id(value)] = (value, rid)
        return value

    def get(self, value: Any) -> list[Any] | None:
        found = self._known.get(id(value))
        return ["h", found[1]] if found else None


WRAPPED = _Wrapped()
