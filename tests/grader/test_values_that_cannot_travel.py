"""A value that cannot be handed to the tests is told by what gave it, its kind, and a way round."""

from __future__ import annotations

import pytest

from grader.protocol import Limits
from tests.grader.conftest import Grade, failures

CODE = """
def many(count): return list(range(count))
def text(size): return "x" * size
def itself():
    rows = []
    rows.append(rows)
    return rows
def digits(): return {"a": [1, 10 ** 50_000]}
class Store:
    def rows(self): return many(900_000)
    @property
    def page(self): return text(2_000_000)
"""


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("many(900_000)", "many() gave a list of 900,000 items that cannot be handed to the tests"),
        ("text(2_000_000)", "text() gave a str of 2,000,000 characters that cannot be handed"),
        ("many(900_000)", "it takes more than 1 MB, the limit for one value; return less of it."),
        ("Store().rows()", "rows() gave a list of 900,000 items"),
        ("Store().page", "page gave a str of 2,000,000 characters"),
        ("itself()", "itself() gave a list of 1 items that cannot be handed to the tests: it is "),
        ("itself()", "return a value that lies in fewer layers, and not in itself."),
        ("digits()", "digits() gave a dict of 1 items, which holds an int, that cannot be"),
        ("digits()", "the whole number has too many digits; return a smaller one."),
    ],
)
async def test_the_student_reads_what_it_was_and_what_to_return(
    test: str, said: str, grade: Grade
) -> None:
    verdict = await grade(CODE, f"assert {test} == 0", objects=True)

    assert verdict.status == "failed"
    assert said in verdict.tests[0].message


async def test_where_the_author_raised_the_limit_more_can_be_returned(grade: Grade) -> None:
    test = "assert len(many(900_000)) == 900_000\nassert len(text(2_000_000)) == 2_000_000"
    more = Limits(cpu_seconds=4, wall_seconds=9, result_kb=8 * 1024)
    less = Limits(cpu_seconds=4, wall_seconds=9, result_kb=10)

    assert failures(await grade(CODE, test, limits=more)) == []
    refused = await grade(CODE, "assert len(text(20_000)) == 20_000", limits=less)
    assert "it takes more than 10 KB" in refused.tests[0].message


async def test_an_argument_of_a_callback_that_cannot_travel_is_not_taken_for_a_result(
    grade: Grade,
) -> None:
    code = "def each(tell):\n    tell(10 ** 50_000)\n"

    verdict = await grade(code, "each(lambda item: None)\nassert each is None")

    assert "gave" not in verdict.tests[0].message
    assert "too many digits" in verdict.tests[0].message
