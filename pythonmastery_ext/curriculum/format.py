"""The author format: one notebook per problem, one folder with a `section.toml` per section.

This is the door for other parts; the models are in `cells`, reading one notebook in `reader`,
reading a course folder in `course`.
"""

from pythonmastery_ext.curriculum.cells import (
    AlternativeCell,
    Cell,
    ContentError,
    HintCell,
    Limits,
    ProblemContent,
    ProblemMeta,
    SolutionCell,
    TestCell,
    WrongCell,
)
from pythonmastery_ext.curriculum.course import CourseSource, SectionSource, read_course
from pythonmastery_ext.curriculum.reader import ROLES, read_problem

__all__ = [
    "ROLES",
    "AlternativeCell",
    "Cell",
    "ContentError",
    "CourseSource",
    "HintCell",
    "Limits",
    "ProblemContent",
    "ProblemMeta",
    "SectionSource",
    "SolutionCell",
    "TestCell",
    "WrongCell",
    "read_course",
    "read_problem",
]
