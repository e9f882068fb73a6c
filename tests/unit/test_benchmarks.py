"""The page about performance says what was measured, and how it was summed up."""

from __future__ import annotations

import ast

import pytest

from benchmarks.figures import Figure, quantile
from benchmarks.otter import otter_test
from benchmarks.page import Sheet, Table
from benchmarks.problem import TESTS, class_request, problem, tables_request, with_ten_tests


def test_quantiles_lie_between_the_closest_samples() -> None:
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert quantile([1.0, 2.0, 3.0], 1.0) == 3.0


def test_a_table_shows_goals_where_a_figure_has_one() -> None:
    figures = [Figure("a", [1.0, 3.0], "note", goal="p50 ≤ 2"), Figure("b", [], missing="no b")]

    told = Table("T", "text", figures).markdown().splitlines()

    assert told[4] == "| | p50 ms | p95 ms | goal | n | |"
    assert told[5] == "|---|---:|---:|---:|---:|---|"
    assert told[6] == "| a | 2.0 | 2.9 | p50 ≤ 2 | 2 | note |"
    assert told[7] == "| b | | | | 0 | not measured: no b |"


def test_a_table_without_goals_has_no_column_for_them() -> None:
    assert "goal" not in Table("T", "text", [Figure("a", [1.0])]).markdown()


def test_a_sheet_puts_words_at_the_left() -> None:
    told = Sheet("T", "text", ["", "MB", "why"], [["a", "1.0", "so"]], words=(0, 2)).markdown()

    assert told.splitlines()[5] == "|---|---:|---|"


def test_every_measured_problem_has_ten_tests() -> None:
    assert [len(with_ten_tests(problem()).tests), len(tables_request().tests)] == [TESTS, TESTS]
    assert len(class_request().tests) == TESTS


@pytest.mark.parametrize("test", with_ten_tests(problem()).tests, ids=lambda test: test.key)
def test_otter_gets_the_same_source_as_a_function(test: object) -> None:
    tree = ast.parse(otter_test(test, ["overdue_by_customer", "date", "Decimal"]))
    function = tree.body[-1]

    assert isinstance(function, ast.FunctionDef)
    assert [argument.arg for argument in function.args.args] == [
        *("overdue_by_customer", "date", "Decimal")
    ]
    assert ast.dump(ast.Module(function.body, [])) == ast.dump(ast.parse(test.source))
