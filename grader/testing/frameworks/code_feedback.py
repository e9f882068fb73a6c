"""`code_feedback`: the checks of numbers and containers, and those of arrays and tables."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

from grader.testing.frameworks.feedback import Checks, GradingComplete, no_plots
from grader.verdicts.showing import show

__all__ = ["Feedback", "GradingComplete"]


class Feedback(Checks):
    @classmethod
    def check_numpy_array_sanity(cls, name: str, num_axes: int, data: Any) -> None:
        words = _not_array(name, data)
        if not words and data.ndim != num_axes:
            words = f"{name} should have {num_axes} axes, but it has {data.ndim}."
        if not words and data.dtype.kind not in "fc":
            words = f"{name} should hold floating point numbers, but it holds {data.dtype}."
        if words:
            cls.finish(words)

    @classmethod
    def check_numpy_array_features(
        cls,
        name: str,
        ref: Any,
        data: Any,
        accuracy_critical: bool = False,
        report_failure: bool = True,
    ) -> bool:
        """Shape and kind of numbers."""
        words = _not_array(name, data)
        if not words and ref.shape != data.shape:
            words = f"{name} should have the shape {ref.shape}, but it has {data.shape}."
        if not words and ref.dtype.kind != data.dtype.kind:
            words = f"{name} should hold {ref.dtype}, but it holds {data.dtype}."
        return not words or cls.bad(words, ends=accuracy_critical, told=report_failure)

    @classmethod
    def check_numpy_array_allclose(
        cls,
        name: str,
        ref: Any,
        data: Any,
        accuracy_critical: bool = False,
        rtol: float = 1e-5,
        atol: float = 1e-8,
        report_success: bool = True,
        report_failure: bool = True,
    ) -> bool:
        if not cls.check_numpy_array_features(name, ref, data, accuracy_critical, report_failure):
            return False
        words = f"{name} should be {show(ref)}, but it is {show(data)}."
        good = bool(_module("numpy").allclose(ref, data, rtol=rtol, atol=atol))
        return good or cls.bad(words, ends=accuracy_critical, told=report_failure)

    @classmethod
    def check_dataframe(
        cls,
        name: str,
        ref: Any,
        data: Any,
        subset_columns: list[Any] | None = None,
        check_values: bool = True,
        allow_order_variance: bool = True,
        display_input: bool = False,
    ) -> bool:
        words = ""
        if not _is_of("pandas", "DataFrame", data):
            words = f"{name} should be a DataFrame, but it is {show(data)}."
        elif len(ref) != len(data):
            words = f"{name} should have {len(ref)} rows, but it has {len(data)}."
        elif missing := [c for c in subset_columns or () if c not in data]:
            words = f"{name} has no column {show(missing[0])}."
        elif check_values:
            columns = subset_columns or slice(None)
            pair = (ref, data) if columns == slice(None) else (ref[columns], data[columns])
            try:
                same = _module("pandas").testing.assert_frame_equal
                same(*pair, check_like=allow_order_variance)
            except AssertionError as error:
                words = f"{name} is not what it should be: {error}"
        return not words or cls.bad(words)

    @staticmethod
    def check_plot(*_: Any, **__: Any) -> NoReturn:
        no_plots()


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _is_of(module: str, name: str, value: Any) -> bool:
    """Of exactly that class; where nobody has loaded it there is no such value."""
    return module in sys.modules and type(value) is getattr(sys.modules[module], name, None)


def _not_array(name: str, data: Any) -> str:
    if _is_of("numpy", "ndarray", data):
        return ""
    return f"{name} should be a numpy array, but it is {show(data)}."
