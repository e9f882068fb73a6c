"""What stands for a metaclass of the student."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.remote.shown import full_name

if TYPE_CHECKING:
    from grader.remote.session import Session


class Metaclass(type):
    """Of a mirrored metaclass, which is a kind of `Mirror` and is asked like one."""

    if TYPE_CHECKING:
        __remote__: Session
        __rid__: int

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        return cls.__remote__.call(cls, args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls.__remote__.request("get", cls, name)

    def __repr__(cls) -> str:
        return f"<class {full_name(cls)!r}>"
