"""numpy arrays and pandas frames as plain data, where those libraries are installed."""

from __future__ import annotations

import importlib
from typing import Any

_KINDS = "biufcUSMm"
_ARRAY, _SCALAR, _SERIES, _FRAME, _INDEX, _RANGE_INDEX, _TIMESTAMP, _DTYPE = range(64, 72)


def _numpy() -> Any:
    return importlib.import_module("numpy")


def _pandas() -> Any:
    return importlib.import_module("pandas")


def packer(value: Any) -> tuple[int, list[Any]] | None:
    if type(value).__module__.startswith("numpy"):
        return _pack_numpy(value)
    return _pack_pandas(value)


def _pack_numpy(value: Any) -> tuple[int, list[Any]] | None:
    np = _numpy()
    if type(value) is np.ndarray:
        if value.dtype.kind in _KINDS:
            return _ARRAY, [value.dtype.str, list(value.shape), value.tobytes()]
        if value.dtype.kind == "O":
            return _ARRAY, ["O", list(value.shape), value.ravel().tolist()]
    elif isinstance(value, np.generic) and value.dtype.kind in _KINDS:
        return _SCALAR, [value.dtype.str, value.tobytes()]
    elif isinstance(value, np.dtype) and value.kind in _KINDS:
        return _DTYPE, [value.str]
    return None


def _column(values: Any) -> Any:
    """A numpy array when the type is simple, else a list of cells."""
    np = _numpy()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in _KINDS:
        return values.to_numpy() if hasattr(values, "to_numpy") else values
    return [str(values.dtype), values.tolist()]


def _pack_pandas(value: Any) -> tuple[int, list[Any]] | None:
    pd = _pandas()
    kind = type(value)
    if kind is pd.DataFrame:
        columns = [_column(value.iloc[:, i].array) for i in range(value.shape[1])]
        return _FRAME, [value.columns, value.index, columns]
    if kind is pd.Series:
        return _SERIES, [value.name, value.index, _column(value.array)]
    if kind is pd.RangeIndex:
        return _RANGE_INDEX, [value.name, range(value.start, value.stop, value.step)]
    if kind in (pd.Index, pd.DatetimeIndex, pd.CategoricalIndex):
        return _INDEX, [value.name, _column(value.array)]
    if kind is pd.Timestamp:
        return _TIMESTAMP, [value.isoformat(), str(value.tz) if value.tz else None]
    return None


def _dtype(text: Any) -> Any:
    if type(text) is not str or len(text) > 16:
        raise ValueError("dtype")
    dtype = _numpy().dtype(text)
    if dtype.kind not in _KINDS or dtype.hasobject:
        raise ValueError("dtype")
    return dtype


def _unpack_array(parts: list[Any]) -> Any:
    np = _numpy()
    text, shape, data = parts
    if any(type(size) is not int or size < 0 for size in shape):
        raise ValueError("shape")
    if text == "O":
        _list(data)
        cells = np.empty(len(data), dtype=object)
        cells[:] = data
        return cells.reshape(shape)
    # frombuffer checks the length against the shape, so a forged shape cannot ask for memory.
    return np.frombuffer(data, dtype=_dtype(text)).reshape(shape).copy()


def _list(cells: Any) -> list[Any]:
    # A range would be short to send, and fill all memory.
    if type(cells) is not list:
        raise ValueError("cells")
    return cells


def _filled(column: Any, index: Any) -> Any:
    """One cell for each row: pandas would repeat a single one as often as the index says."""
    cells = _from_column(column)
    if len(cells) != len(index):
        raise ValueError("rows")
    return cells


def _from_column(column: Any) -> Any:
    if type(column) is not list:
        if type(column) is not _numpy().ndarray:
            raise ValueError("column")
        return column
    dtype, cells = column
    _list(cells)
    if dtype in ("object", "category", "string", "str", "boolean", "Int64", "Float64"):
        return _pandas().array(cells, dtype=dtype)
    return cells


def unpack(code: int, parts: list[Any]) -> Any:
    if code == _ARRAY:
        return _unpack_array(parts)
    if code == _SCALAR:
        return _numpy().frombuffer(parts[1], dtype=_dtype(parts[0]))[0]
    if code == _DTYPE:
        return _dtype(parts[0])
    return _unpack_pandas(code, parts)


def _unpack_pandas(code: int, parts: list[Any]) -> Any:
    pd = _pandas()
    if code == _SERIES:
        return pd.Series(_filled(parts[2], parts[1]), index=parts[1], name=parts[0])
    if code == _RANGE_INDEX:
        return pd.RangeIndex(parts[1], name=parts[0])
    if code == _INDEX:
        return pd.Index(_from_column(parts[1]), name=parts[0])
    if code == _TIMESTAMP:
        return pd.Timestamp(parts[0], tz=parts[1])
    if code == _FRAME:
        columns, index, data = parts
        frame = pd.DataFrame({i: _filled(c, index) for i, c in enumerate(data)}, index=index)
        frame.columns = columns
        return frame
    raise ValueError(f"unknown extension {code}")
