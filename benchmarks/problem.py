"""The problems that graders are measured on."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from grader.protocol import GradeRequest, Limits, Test, Visible
from pythonmastery_ext.curriculum.format import ProblemContent, TestCell, read_problem
from pythonmastery_ext.curriculum.student import starter_code
from pythonmastery_ext.grading.client import request_for
from tests.grader.class_problems import MONEY

SLUG = "overdue-by-customer"
COURSE = Path(__file__).parent.parent / "notebooks"
OFF_BY_ONE = "w-due-date"
TESTS = 10

_MORE = {
    "t-leap-day": """\
assert overdue_by_customer(
    [{"customer": "Fern Press", "amount": "12.25", "due": "2028-02-29", "paid": False}],
    date(2028, 3, 1),
) == {"Fern Press": Decimal("12.25")}""",
    "t-all-paid": """\
assert overdue_by_customer(
    [{"customer": "Fern Press", "amount": "12.25", "due": "2026-02-28", "paid": True}],
    date(2026, 3, 1),
) == {}""",
}

_TABLES = """\
import numpy as np
import pandas as pd

def revenue(rows):
    table = pd.DataFrame(rows, columns=["shop", "units", "price"])
    table["total"] = table["units"] * table["price"]
    return {shop: float(sum_) for shop, sum_ in table.groupby("shop")["total"].sum().items()}

def shares(amounts):
    values = np.asarray(amounts, dtype=float)
    return values / values.sum()
"""
_TABLES_TESTS = [
    *(
        f"assert revenue([('north', {n}, 2.5), ('south', 1, 4.0), ('north', 2, 2.5)]) == "
        f"{{'north': {(n + 2) * 2.5}, 'south': 4.0}}"
        for n in range(1, TESTS - 1)
    ),
    "import numpy as np\nassert np.allclose(shares([1, 3]), [0.25, 0.75])",
    "import numpy as np\nassert shares(np.array([2.0, 2.0])).tolist() == [0.5, 0.5]",
]


def problem() -> ProblemContent:
    return read_problem(next(COURSE.glob(f"*/{SLUG}.ipynb")))


def with_ten_tests(content: ProblemContent) -> ProblemContent:
    more = [TestCell(key=key, name=key[2:], source=source) for key, source in _MORE.items()]
    ten = content.model_copy(update={"tests": [*content.tests, *more]})
    assert len(ten.tests) == TESTS, "the course's problem has other tests now: change _MORE"
    return ten


def right(content: ProblemContent) -> str:
    return content.solution.source


def wrong(content: ProblemContent) -> str:
    """A plausible mistake: an invoice of today counts as late."""
    return next(each.source for each in content.wrongs if each.key == OFF_BY_ONE)


def starter(content: ProblemContent) -> str:
    return starter_code(content)


def plain_request(content: ProblemContent) -> GradeRequest:
    """As the product asks for it, for the ten tests."""
    return request_for(str(uuid4()), "submit", right(content), with_ten_tests(content))


def tables_request() -> GradeRequest:
    return _request(_TABLES, dict(enumerate(_TABLES_TESTS)))


def class_request() -> GradeRequest:
    """Its profile is still to be recorded."""
    tests = list(MONEY.tests.items())[:TESTS]
    return _request(MONEY.reference, dict(tests), objects=True)


def _request(
    code: str, sources: dict[int, str] | dict[str, str], *, objects: bool = False
) -> GradeRequest:
    return GradeRequest(
        id=str(uuid4()),
        code=code,
        tests=tuple(_tests(sources)),
        limits=Limits(cpu_seconds=4, wall_seconds=12),
        objects=objects,
    )


def _tests(sources: dict[int, str] | dict[str, str]) -> Iterator[Test]:
    for number, (key, source) in enumerate(sources.items()):
        visible: Visible = "sample" if number < 2 else "hidden"
        yield Test(key=str(key), name=str(key), source=source, visible=visible)
