"""What stands in a mirrored class for the student's methods and other attributes."""

from __future__ import annotations

import inspect
import types
from typing import Any

from grader.remote.proxies import STAND_INS, type_dict

_AS_A_FUNCTION: Any = property(lambda _: types.FunctionType)


class RemoteMethod:
    """A method in the body of a mirrored class, so that `super()` and one round trip work."""

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self._owner: Any = None

    def __set_name__(self, owner: Any, name: str) -> None:
        self._owner = owner

    __class__ = _AS_A_FUNCTION

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self.__get__(None, self._owner))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__get__(None, self._owner), name)

    def __repr__(self) -> str:
        return repr(self.__get__(None, self._owner))

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self._owner.__remote__.request("get", owner, self.__name__)
        return types.MethodType(self, instance)

    def __call__(self, instance: Any, /, *args: Any, **kwargs: Any) -> Any:
        owner = self._owner
        return owner.__remote__.method(owner, self.__name__, instance, args, kwargs)


def _of_function(name: str) -> Any:
    return property(lambda self: self.__getattr__(name))


# In a class's body these names mean something else.
for _name in ("__doc__", "__module__"):
    setattr(RemoteMethod, _name, _of_function(_name))


class RemoteAttribute:
    """A property or another attribute in the body of a mirrored class, for `super()`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._owner: Any = None

    def __set_name__(self, owner: Any, name: str) -> None:
        self._owner = owner

    def __get__(self, instance: Any, owner: Any) -> Any:
        asked = owner if instance is None else instance
        first = next(kind for kind in type.mro(owner) if self._name in type_dict(kind))
        if first is self._owner:
            return owner.__remote__.request("get", asked, self._name)
        return owner.__remote__.request("super", self._owner, self._name, asked)


STAND_INS.update({RemoteAttribute, RemoteMethod})
