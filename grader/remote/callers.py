"""What `inspect` tells a function of the tests about who called it, where the student's code did.

A test may look for the student's function among its callers. Of theirs the outermost is known: the
one that the test itself has called. Of what lies between the two nothing is told.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.remote.proxies import Mirror

if TYPE_CHECKING:
    from grader.remote.session import Session

_OUTER = inspect.getouterframes


def follow(current: Callable[[], Session]) -> None:
    """`current` tells the session of the process that runs now."""

    def outer(frame: Any, context: int = 1) -> list[inspect.FrameInfo]:
        asking = type(current()).request.__code__.co_filename
        return [_shown(info, asking) for info in _OUTER(frame, context)]

    def stack(context: int = 1) -> list[inspect.FrameInfo]:
        here: Any = inspect.currentframe()
        return outer(here.f_back, context)

    vars(inspect).update(getouterframes=outer, stack=stack)


def _shown(info: inspect.FrameInfo, asking: str) -> inspect.FrameInfo:
    if info.function != "_exchange" or info.filename != asking:
        return info
    kind, target, *rest = info.frame.f_locals["message"]
    if kind not in ("call", "method"):
        return info
    name = "__init__" if isinstance(target, Mirror) else getattr(target, "__name__", "")
    told = rest[0] if kind == "method" else name
    return inspect.FrameInfo(info.frame, f"{target.__module__}.py", 0, told, None, None)
