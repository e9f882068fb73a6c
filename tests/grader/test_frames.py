"""What pandas has beside plain columns, on its way between the tests and the student's process."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.wire import arrays
from grader.wire.codec import Codec
from tests.grader.conftest import Grade

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

SALES = pd.DataFrame({"shop": ["a", "b", "b"], "day": [1, 1, 2], "sum": [3.0, 4.0, 5.0]})
DAYS = pd.date_range("2024-01-01", periods=3, freq="D")
VALUES = {
    "a hierarchical index": SALES.groupby(["shop", "day"])["sum"].sum(),
    "hierarchical columns": SALES.groupby("shop").agg({"sum": ["sum", "mean"], "day": ["max"]}),
    "stacked": SALES.set_index("shop").stack(),
    "whole numbers with a gap": pd.Series(pd.array([1, None], dtype="Int64")),
    "truth with a gap": pd.Series(pd.array([True, None], dtype="boolean")),
    "texts with a gap": pd.Series(pd.array(["x", None], dtype="string")),
    "ordered categories": pd.Series(pd.Categorical(["lo"], ["lo", "hi"], ordered=True)),
    "a gap among categories": pd.Series(pd.Categorical(["lo", None], ["lo", "hi"])),
    "days with a frequency": pd.Series([1, 2, 3], index=DAYS),
    "days in a zone": pd.Series([1, 2, 3], index=DAYS.tz_localize("Europe/Rome")),
    "a missing day": pd.DataFrame({"day": pd.to_datetime(["2024-01-01", None])}),
    "months": pd.Series(pd.period_range("2024-01", periods=3, freq="M")),
    "months as index": pd.Series([1, 2], index=pd.period_range("2024-01", periods=2, freq="M")),
    "spans of time": pd.Series([1, 2], index=pd.to_timedelta([1, 2], unit="h")),
    "ranges": pd.DataFrame({"range": pd.cut([1, 5, 9], 3)}),
    "small kinds": pd.DataFrame({k: pd.Series([1, 0], dtype=k) for k in ("int8", "float32")}),
    "no row": pd.DataFrame({"a": [1], "b": [True], "c": [1.0], "d": ["x"]}).iloc[:0],
    "no row of a zone": pd.Series([], dtype="datetime64[us, Europe/Rome]"),
    "a gap in a zone": pd.Series([pd.Timestamp("2024-01-01", tz="UTC"), pd.NaT]),
    "ranges as index": pd.Series([1, 5, 9]).value_counts(bins=3),
}
CELLS = [pd.NA, pd.NaT, pd.Timedelta("90min"), pd.Period("2024-01", "M"), pd.Interval(1, 2)]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_frame_arrives_as_it_was(value: Any) -> None:
    codec = Codec()

    arrived = codec.decode(codec.encode(value))

    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(arrived, value)
    else:
        pd.testing.assert_series_equal(arrived, value)


@pytest.mark.parametrize("value", CELLS, ids=repr)
def test_a_cell_arrives_as_it_was(value: Any) -> None:
    codec = Codec()

    assert repr(codec.decode(codec.encode(value))) == repr(value)


PEOPLE = np.array(
    [("ada", 36, [1.5, 2.0]), ("bo", 7, [0.0, -1.0])],
    dtype=[("name", "U10"), ("age", "i4"), ("at", "f8", (2,))],
)


@pytest.mark.parametrize("value", [PEOPLE, PEOPLE[1], PEOPLE.dtype, PEOPLE[:0]], ids=repr)
def test_fields_with_names_arrive_as_they_were(value: Any) -> None:
    codec = Codec()

    arrived = codec.decode(codec.encode(value))

    assert (repr(arrived), type(arrived)) == (repr(value), type(value))
    assert getattr(arrived, "dtype", None) == getattr(value, "dtype", None)


@pytest.mark.parametrize(
    "fields",
    [
        [["a", "<f8", [1 << 40]]],
        [["a", "O", []]],
        [["a", [["b", "<f8", []]], []]],
        [["a", "<f8", []], ["a", "<f8", []]],
        [["a", "<i4", [0]]],
        [],
    ],
)
def test_forged_fields_are_refused(fields: list[Any]) -> None:
    with pytest.raises(ValueError):
        arrays.unpack(64, [fields, [1], b"12345678"])


async def test_ordinary_work_with_groups_gets_its_points(grade: Grade) -> None:
    source = """
    import pandas as pd
    sales = pd.DataFrame({"shop": ["a", "b"], "day": [1, 2], "sum": [3, 4]})
    found = by_shop(sales)
    assert found.index.names == ["shop", "day"]
    assert found.loc["b"].iloc[0] == 4
    """
    code = "def by_shop(sales): return sales.groupby(['shop', 'day'])['sum'].sum()"

    verdict = await grade(code, [textwrap.dedent(source)])

    assert verdict.status == "passed", verdict
