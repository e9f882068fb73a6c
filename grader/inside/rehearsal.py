"""Has the agent's code run before there is a submission, so that no submission is the first.

In the zygote, so that what the interpreter makes of code that runs often is made once, and the
pages that this writes to stay shared.
"""

from __future__ import annotations

import datetime
import linecache
import socket
import sys
import types
from typing import Any

from grader import agent
from grader.inside.loader import execute
from grader.wire.codec import Codec

_TIMES = 20
#: Once would do for what pandas makes when it is first asked; the rest is the interpreter's.
_TIMES_WITH_TABLES = 3
_MODULE = "rehearsal"
_CODE = """
from decimal import Decimal

def total(rows, *, start=0):
    return sum(rows, start)

def late(rows, day):
    return {row["name"]: Decimal(row["amount"]) for row in rows if row["due"] < day}

def fail(text):
    raise ValueError(text)
"""

#: What courses do with tables; one of each, since much of pandas is made on first use.
_TABLES = """
import io
import numpy as np
import pandas as pd

def tables(rows, days):
    table = pd.DataFrame(rows, columns=["shop", "units", "price"])
    table["total"] = table["units"] * table["price"]
    table["day"] = pd.to_datetime(days)
    large = table[(table["total"] > 2) & (table["shop"] != "c")]
    shops = table.groupby("shop").agg({"units": "sum", "price": "mean"}).reset_index()
    both = table.merge(shops, on="shop", how="left", suffixes=("", "_all"))
    both = both.sort_values(["total", "shop"], ascending=[False, True]).fillna(0)
    table.pivot_table(index="shop", columns="units", values="total", aggfunc="sum")
    table["half"] = table["total"].apply(lambda total: total / 2)
    table["month"] = table["day"].dt.month
    table["upper"] = table["shop"].str.upper()
    table["shop"].value_counts().to_dict()
    pd.read_csv(io.StringIO("shop,units\\na,1\\nb,2\\n"))
    [row.shop for row in table.itertuples()] + [row["shop"] for _, row in table.iterrows()]
    pd.concat([table, large], ignore_index=True).drop_duplicates(subset=["shop"])
    table.loc[table["total"].idxmax(), "shop"], table.iloc[0]["price"]
    totals = table.groupby("shop")["total"].sum()
    return {shop: float(total) for shop, total in totals.items()}, totals, both.drop(columns="day")

def arrays(numbers):
    values = np.asarray(numbers, dtype=float)
    above = np.where((values - values.mean()) / values.std() > 0, 1, 0)
    grid = np.arange(6).reshape(2, 3)
    np.sort(values)[::-1], np.unique(above), grid @ grid.T, grid.sum(axis=0)
    return values / values.sum(), np.cumsum(above)

def same(*values):
    return values
"""


class _Named:
    """Something of the module, named as the tests' side does it."""

    def __init__(self, *parts: Any) -> None:
        self.parts = list(parts)


def rehearse(*, with_tables: bool = False) -> None:
    """Nothing of it stays but what the interpreter and libraries have learnt."""
    tests, theirs = socket.socketpair()
    lines = dict(linecache.cache)
    module = sys.modules[_MODULE] = types.ModuleType(_MODULE)
    try:
        with tests, theirs:
            tried = agent.Agent()
            tried.connect(theirs)
            for _ in range(_TIMES):
                execute(module, _MODULE, _CODE)
                _converse(tests, tried, module)
            for _ in range(_TIMES_WITH_TABLES if with_tables else 0):
                execute(module, _MODULE, _TABLES)
                _hand_tables_over(tests, tried, module)
    finally:
        del sys.modules[_MODULE]
        linecache.cache.clear()
        linecache.cache.update(lines)


def _converse(tests: socket.socket, tried: agent.Agent, module: types.ModuleType) -> None:
    codec = Codec(lambda named: named.parts)
    day = datetime.date(2026, 3, 1)
    rows = [{"name": name, "amount": "1.5", "due": day, "at": (1, 2.5)} for name in "ab"]
    functions = (module.total, module.late, module.fail)
    total, late, fail = (_Named("h", tried.handles.number(f)) for f in functions)
    for message in (
        ["get", _Named("module", _MODULE), "total"],
        ["call", total, [[1, 2]], {"start": 3}],
        ["call", late, [rows, day + datetime.timedelta(1)], {}],
        ["call", fail, ["no"], {}],
        ["op", "len", [[1, 2]]],
    ):
        _ask(tests, tried, codec.encode(message))


def _hand_tables_over(tests: socket.socket, tried: agent.Agent, module: types.ModuleType) -> None:
    codec = Codec(lambda named: named.parts)
    functions = (module.tables, module.arrays, module.same)
    tables, arrays, same = (_Named("h", tried.handles.number(f)) for f in functions)
    rows = [("a", 1, 2.5), ("b", 2, 1.5), ("a", 3, 0.5)]
    days = ["2026-03-01"] * len(rows)
    both_ways = [*module.tables(rows, days)[1:], *module.arrays([1.0, 2.0])]
    for message in (
        ["call", tables, [rows, days], {}],
        ["call", arrays, [[1.0, 2.0]], {}],
        ["call", same, both_ways, {}],
    ):
        _ask(tests, tried, codec.encode(message))


def _ask(tests: socket.socket, tried: agent.Agent, data: bytes) -> None:
    tests.sendall(agent.framed(data))
    tried.answer_one()
    tests.recv(1 << 16)
