"""numpy arrays and pandas frames as plain data, where those libraries are installed."""

from __future__ import annotations

import importlib
import re
import zoneinfo
from typing import Any

from grader.wire import arrays, times
from grader.wire.arrays import KINDS, list_of, numpy, text_of

_SERIES, _FRAME, _INDEX, _RANGE_INDEX, _TIMESTAMP = range(66, 71)
_MULTI_INDEX, _MISSING, _TIMEDELTA, _PERIOD, _INTERVAL = range(72, 77)
#: Column types that pandas makes of their cells.
_BY_NAME = frozenset(
    {"object", "string", "str", "boolean", "Float32", "Float64"}
    | {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
)
#: How pandas holds an array of numpy, by whichever name.
_OF_NUMPY = frozenset({"NumpyExtensionArray", "PandasArray"})
_PERIODS = re.compile(r"period\[[A-Za-z0-9-]{1,12}\]")


def _pandas() -> Any:
    return importlib.import_module("pandas")


def packer(value: Any) -> tuple[int, list[Any]] | None:
    if type(value).__module__.startswith("numpy"):
        return arrays.packer(value)
    return _pack_pandas(value)


def _column(values: Any) -> Any:
    """A numpy array when the type is simple, else its name and a list of cells."""
    np, pd = numpy(), _pandas()
    if isinstance(values, pd.Categorical):
        return ["category", values.codes.tolist(), values.categories, bool(values.ordered)]
    if isinstance(values, pd.arrays.IntervalArray):
        return ["interval", [], values.left, values.right, values.closed]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        utc = pd.DatetimeIndex(values).tz_convert(None).to_numpy()
        return ["zoned", [], utc, times.pack_zone(_zone(values.dtype.tz))]
    if type(values).__name__ in _OF_NUMPY:
        values = values.to_numpy()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in KINDS:
        return np.asarray(values)
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
    if kind in _flat_indexes():
        return _INDEX, [value.name, _column(value.array), getattr(value, "freqstr", None)]
    if kind is pd.MultiIndex:
        levels = [value.get_level_values(level) for level in range(value.nlevels)]
        return _MULTI_INDEX, [list(value.names), levels]
    return _pack_cell(value)


def _flat_indexes() -> tuple[type, ...]:
    pd = _pandas()
    times = (pd.DatetimeIndex, pd.TimedeltaIndex, pd.PeriodIndex)
    return (pd.Index, pd.CategoricalIndex, pd.IntervalIndex, *times)


def _pack_cell(value: Any) -> tuple[int, list[Any]] | None:
    pd = _pandas()
    if value is pd.NA or value is pd.NaT:
        return _MISSING, [value is pd.NaT]
    kind = type(value)
    if kind is pd.Timestamp:
        return _TIMESTAMP, [value.isoformat(), times.pack_zone(_zone(value.tz))]
    if kind is pd.Timedelta:
        return _TIMEDELTA, [value.isoformat()]
    if kind is pd.Period:
        return _PERIOD, [str(value), value.freqstr]
    if kind is pd.Interval:
        return _INTERVAL, [value.left, value.right, value.closed]
    return None


def _zone(zone: Any) -> Any:
    """pandas before 3 takes its zones from pytz where that is installed."""
    return zoneinfo.ZoneInfo(str(zone)) if type(zone).__module__.startswith("pytz") else zone


def _filled(column: Any, index: Any) -> Any:
    """One cell for each row: pandas would repeat a single one as often as the index says."""
    cells = _from_column(column)
    if len(cells) != len(index):
        raise ValueError("rows")
    return cells


def _from_column(column: Any) -> Any:
    if type(column) is not list:
        if type(column) is not numpy().ndarray:
            raise ValueError("column")
        return column
    pd = _pandas()
    dtype, cells, *rest = column
    list_of(cells)
    if dtype == "category":
        categories, ordered = rest
        _indexes([categories])
        return pd.Categorical.from_codes(cells, categories=categories, ordered=ordered is True)
    if dtype == "interval":
        left, right, closed = rest
        _indexes([left, right])
        return pd.arrays.IntervalArray.from_arrays(left, right, closed=closed)
    if dtype == "zoned":
        utc, zone = rest
        return _zoned(utc, times.unpack_zone(list_of(zone)))
    if dtype in _BY_NAME or (type(dtype) is str and _PERIODS.fullmatch(dtype)):
        return pd.array(cells, dtype=dtype)
    return cells


def _zoned(utc: Any, zone: Any) -> Any:
    if type(utc) is not numpy().ndarray or utc.dtype.kind != "M":
        raise ValueError("times")
    return _pandas().DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone).array


def unpack(code: int, parts: list[Any]) -> Any:
    if code in arrays.CODES:
        return arrays.unpack(code, parts)
    return _unpack_pandas(code, parts)


def _unpack_pandas(code: int, parts: list[Any]) -> Any:
    pd = _pandas()
    if code == _SERIES:
        return pd.Series(_filled(parts[2], parts[1]), index=parts[1], name=parts[0])
    if code == _FRAME:
        columns, index, data = parts
        frame = pd.DataFrame({i: _filled(c, index) for i, c in enumerate(data)}, index=index)
        frame.columns = columns
        return frame
    if code in (_RANGE_INDEX, _INDEX, _MULTI_INDEX):
        return _unpack_index(code, parts)
    return _unpack_cell(code, parts)


def _unpack_index(code: int, parts: list[Any]) -> Any:
    pd = _pandas()
    if code == _RANGE_INDEX:
        return pd.RangeIndex(parts[1], name=parts[0])
    if code == _MULTI_INDEX:
        return pd.MultiIndex.from_arrays(_indexes(parts[1]), names=list_of(parts[0]))
    index = pd.Index(_from_column(parts[1]), name=parts[0])
    if parts[2] is not None and type(index) in (pd.DatetimeIndex, pd.TimedeltaIndex):
        index.freq = parts[2]
    return index


def _indexes(found: Any) -> list[Any]:
    if not all(isinstance(each, _pandas().Index) for each in list_of(found)):
        raise ValueError("index")
    return list(found)


def _unpack_cell(code: int, parts: list[Any]) -> Any:
    pd = _pandas()
    if code == _MISSING:
        return pd.NaT if parts[0] else pd.NA
    if code == _TIMESTAMP:
        # The zone itself and no name: for some names pandas would open a file.
        return pd.Timestamp(text_of(parts[0]), tz=times.unpack_zone(list_of(parts[1])))
    if code == _TIMEDELTA:
        return pd.Timedelta(text_of(parts[0]))
    if code == _INTERVAL:
        return pd.Interval(*parts)
    if code != _PERIOD:
        raise ValueError(f"unknown extension {code}")
    if not _PERIODS.fullmatch(f"period[{parts[1]}]"):
        raise ValueError("period")
    return pd.Period(text_of(parts[0]), freq=parts[1])
