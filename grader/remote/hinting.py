"""Annotations of the student's functions and classes are read in the student's process.

As texts they are code: `typing.get_type_hints` evaluates them, and must not do that beside the
tests.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote.functions import identify

if TYPE_CHECKING:
    from grader.remote.session import Session

_HINTS, _ANNOTATIONS = typing.get_type_hints, inspect.get_annotations
_ORIGIN, _ARGUMENTS = typing.get_origin, typing.get_args


def follow(current: Callable[[], Session]) -> None:
    """`current` tells the session of the process that runs now."""

    def hints(
        obj: Any, globalns: Any = None, localns: Any = None, include_extras: bool = False
    ) -> Any:
        if identify(obj) is None:
            return _HINTS(obj, globalns, localns, include_extras)
        return current().request("hints", obj, include_extras)

    def annotations(obj: Any, *, eval_str: bool = False, **names: Any) -> Any:
        if identify(obj) is None:
            return _ANNOTATIONS(obj, eval_str=eval_str, **names)
        return current().request("annotations", obj, eval_str)

    def origin(obj: Any) -> Any:
        return _ORIGIN(obj) if identify(obj) is None else getattr(obj, "__origin__", None)

    def arguments(obj: Any) -> Any:
        return _ARGUMENTS(obj) if identify(obj) is None else getattr(obj, "__args__", ())

    vars(typing).update(get_type_hints=hints, get_origin=origin, get_args=arguments)
    inspect.get_annotations = annotations
