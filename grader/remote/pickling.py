"""Pickles of the student's objects are made and read in the student's process only.

`pickle.loads` runs what the bytes say. In a test the bytes may come from the student's code, so
there it makes plain data and nothing else.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.remote.session import Session

_PLAIN = {
    "builtins": {"set", "frozenset", "complex", "bytearray", "range", "slice", "object"},
    "collections": {"OrderedDict", "deque", "Counter", "defaultdict"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "uuid": {"UUID"},
    "_codecs": {"encode"},
}
_READER = pickle.Unpickler
_current: list[Callable[[], Session]] = []
#: Gives the modules whose classes a pickle may hold: the tests' own.
_tests: list[Callable[[], set[str]]] = []


def rebuild(data: bytes) -> Any:
    return _current[-1]().request("unpickled", data)


class _Reader(_READER):
    def find_class(self, module: str, name: str) -> Any:
        own = module == __name__ and name == "rebuild"
        if own or name in _PLAIN.get(module, ()) or module in _tests[-1]():
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not read from a pickle in a test")


def _loads(data: Any, /, **options: Any) -> Any:
    return _Reader(io.BytesIO(data), **options).load()


def _load(file: Any, /, **options: Any) -> Any:
    return _Reader(file, **options).load()


def follow(current: Callable[[], Session], tests: Callable[[], set[str]]) -> None:
    _current[:], _tests[:] = [current], [tests]
    vars(pickle).update(loads=_loads, load=_load, Unpickler=_Reader)


def forget() -> None:
    _current.clear()
    _tests.clear()
