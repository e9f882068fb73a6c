"""numpy arrays, single values of numpy and their kinds as plain data."""

from __future__ import annotations

import importlib
from typing import Any

KINDS = "biufcUSMm"
_ARRAY, _SCALAR, _DTYPE = CODES = (64, 65, 71)
_MOST_LETTERS = 100


def numpy() -> Any:
    return importlib.import_module("numpy")


def packer(value: Any) -> tuple[int, list[Any]] | None:
    np = numpy()
    if isinstance(value, np.dtype):
        named = _named(value)
        return (_DTYPE, [named]) if named is not None else None
    if type(value) is np.ndarray:
        if value.dtype.kind == "O":
            return _ARRAY, ["O", list(value.shape), value.ravel().tolist()]
        named = _named(value.dtype)
        return (_ARRAY, [named, list(value.shape), value.tobytes()]) if named is not None else None
    named = _named(value.dtype) if isinstance(value, np.generic) else None
    return (_SCALAR, [named, value.tobytes()]) if named is not None else None


def _named(dtype: Any) -> Any:
    """A text, or for fields with names a list of them; None for what does not travel as bytes."""
    if dtype.kind in KINDS:
        return dtype.str
    if dtype.names is None:
        return None
    inner = [(name, dtype.fields[name][0]) for name in dtype.names]
    if any(each.base.kind not in KINDS for _, each in inner):
        return None
    fields = [(name, each.base.str, each.shape) for name, each in inner]
    # Else there are gaps between the fields, or they lie over each other.
    return [[*field] for field in fields] if numpy().dtype(fields) == dtype else None


def unpack(code: int, parts: list[Any]) -> Any:
    if code == _ARRAY:
        return _unpack_array(parts)
    if code == _SCALAR:
        return numpy().frombuffer(parts[1], dtype=_dtype(parts[0]))[0]
    return _dtype(parts[0])


def _dtype(text: Any) -> Any:
    if type(text) is list:
        fields = ((text_of(name), _dtype(text_of(kind)), shape) for name, kind, shape in text)
        return numpy().dtype([(name, kind, _shape(shape)) for name, kind, shape in fields])
    if type(text) is not str or len(text) > 16:
        raise ValueError("dtype")
    dtype = numpy().dtype(text)
    if dtype.kind not in KINDS or dtype.hasobject:
        raise ValueError("dtype")
    return dtype


def _unpack_array(parts: list[Any]) -> Any:
    np = numpy()
    text, shape, data = parts
    _shape(shape)
    if text == "O":
        list_of(data)
        cells = np.empty(len(data), dtype=object)
        cells[:] = data
        return cells.reshape(shape)
    # frombuffer checks the length against the shape, so a forged shape cannot ask for memory.
    return np.frombuffer(data, dtype=_dtype(text)).reshape(shape).copy()


def _shape(sizes: Any) -> tuple[int, ...]:
    if type(sizes) not in (list, tuple) or any(type(s) is not int or s < 0 for s in sizes):
        raise ValueError("shape")
    return tuple(sizes)


def list_of(cells: Any) -> list[Any]:
    # A range would be short to send, and fill all memory.
    if type(cells) is not list:
        raise ValueError("cells")
    return cells


def text_of(value: Any) -> str:
    if type(value) is not str or len(value) > _MOST_LETTERS:
        raise ValueError("text")
    return value
