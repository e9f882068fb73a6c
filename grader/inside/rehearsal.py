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


class _Named:
    """Something of the module, named as the tests' side does it."""

    def __init__(self, *parts: Any) -> None:
        self.parts = list(parts)


def rehearse() -> None:
    """Nothing of it stays but what the interpreter has learnt."""
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
        data = codec.encode(message)
        tests.sendall(agent.framed(data))
        tried.answer_one()
        tests.recv(1 << 16)
