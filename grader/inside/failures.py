"""More about an exception of the student's code, told when somebody wants to see it."""

from __future__ import annotations

import itertools
import linecache
import reprlib
import traceback
import types
from typing import Any

_MOST_VALUES = 12
_MAX_VALUE = 120
_PREFIX = "<student:"
#: Public, and not what the student wrote.
_GIVEN = "<student:given>"
_UNSEEN = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)

Frame = tuple[types.FrameType, int, int]


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxother = self.maxlong = _MAX_VALUE
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = self.maxdeque = 8


def frames(error: BaseException) -> list[Frame]:
    """Frames of the student's files with line and instruction, up to the innermost of their own.

    A function of `given` that failed on what the student handed to it is not where to look.
    """
    found: list[Frame] = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.startswith(_PREFIX):
            found.append((step.tb_frame, step.tb_lineno, step.tb_lasti))
        step = step.tb_next
    own = [i for i, (frame, *_) in enumerate(found) if frame.f_code.co_filename != _GIVEN]
    return found[: own[-1] + 1] if own else found


def where(error: BaseException) -> tuple[int | None, str | None, str]:
    """Line, its text and the traceback, of the student's frames only."""
    found = frames(error)
    if not found:
        return None, None, ""
    shown = []
    for frame, line, _ in found[-_MOST_FRAMES:]:
        name = frame.f_code.co_filename
        text = linecache.getline(name, line).strip()
        file = f"{name[len(_PREFIX) : -1]}.py"
        shown.append(traceback.FrameSummary(file, line, frame.f_code.co_name, line=text))
    trace = "".join(traceback.format_list(shown))[-_MAX_TRACEBACK:]
    return found[-1][1], shown[-1].line, trace


_MOST_FRAMES = 8
_MAX_TRACEBACK = 4000


def failure(error: BaseException) -> dict[str, Any]:
    """Columns in the line that `where` told, the names of its frame and what they stood for."""
    found = frames(error)
    if not found:
        return {}
    columns = _columns(*found[-1])
    name = getattr(error, "name", None)
    return {
        "columns": list(columns) if columns else None,
        "values": _values(found),
        # Of a NameError or AttributeError: what was looked for.
        "name": name if type(name) is str else None,
    }


def _columns(frame: types.FrameType, line: int, instruction: int) -> tuple[int, int] | None:
    """From 1, in characters of the line without its indentation; None where it is all of it."""
    positions = frame.f_code.co_positions()
    place = next(itertools.islice(positions, instruction // 2, None), (None,) * 4)
    first, last, start, end = place
    if start is None or end is None or first != line:
        return None
    raw = linecache.getline(frame.f_code.co_filename, line)
    text = raw.strip()
    data = raw.encode("utf-8", "surrogatepass")
    indent = len(raw) - len(raw.lstrip())
    begin = len(data[:start].decode("utf-8", "replace")) - indent
    stop = len(data[:end].decode("utf-8", "replace")) - indent if last == line else len(text)
    if begin < 0 or stop <= begin or (begin, stop) == (0, len(text)):
        return None
    return begin + 1, stop + 1


def _values(found: list[Frame]) -> list[list[str]]:
    short = _Repr()
    told: dict[str, str] = {}
    for frame, *_ in reversed(found):
        for name, value in list(frame.f_locals.items())[: 20 * _MOST_VALUES]:
            if name[0] in "._" or name in told or isinstance(value, _UNSEEN):
                continue
            told[name] = _text(short, value)
            if len(told) == _MOST_VALUES:
                break
        if not frame.f_code.co_name.startswith("<") or frame.f_code.co_name == "<module>":
            break  # a comprehension is shown with the names of the function around it
    return [[name, text] for name, text in told.items()]


def _text(short: reprlib.Repr, value: Any) -> str:
    try:
        text = short.repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}: {type(error).__name__} in its repr>"
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
