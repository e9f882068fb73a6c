"""The problem that every grader is measured on."""

from pathlib import Path

from pythonmastery_ext.curriculum.format import ProblemContent, read_problem
from pythonmastery_ext.curriculum.student import starter_code

SLUG = "overdue-by-customer"
COURSE = Path(__file__).parent.parent / "notebooks"
OFF_BY_ONE = "w-due-date"


def problem() -> ProblemContent:
    return read_problem(next(COURSE.glob(f"*/{SLUG}.ipynb")))


def right(content: ProblemContent) -> str:
    return content.solution.source


def wrong(content: ProblemContent) -> str:
    """A plausible mistake: an invoice of today counts as late."""
    return next(each.source for each in content.wrongs if each.key == OFF_BY_ONE)


def starter(content: ProblemContent) -> str:
    return starter_code(content)
