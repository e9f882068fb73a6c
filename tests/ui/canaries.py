"""Literals that only the secret half of an author notebook holds."""

import ast
import json
from pathlib import Path

from pythonmastery_ext.curriculum.format import ProblemContent, read_problem

COURSE = Path(__file__).parent.parent.parent / "notebooks"


def content(slug: str) -> ProblemContent:
    return read_problem(next(COURSE.glob(f"*/{slug}.ipynb")))


def literals(source: str) -> set[str]:
    """Texts, not numbers or dates: those may stand in any answer, as a time for example."""
    nodes = ast.walk(ast.parse(source))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in texts if len(text) >= 4 and any(map(str.isalpha, text))}


def canaries(problem: ProblemContent) -> set[str]:
    """Strings of hidden tests, and lines of the solutions, that no public part has."""
    public = json.dumps(
        [problem.statement, problem.context, problem.given, problem.title, problem.debrief]
        + [hint.text for hint in problem.hints]
        + [test.name + (test.on_fail or "") for test in problem.tests]
        + [test.source for test in problem.samples],
        ensure_ascii=False,
    )
    secret: set[str] = set()
    for test in problem.hidden:
        secret |= literals(test.source)
    for source in [problem.solution.source, *(each.source for each in problem.alternatives)]:
        lines = {line.strip() for line in source.splitlines()}
        secret |= {line for line in lines if len(line) > 24 and not line.startswith(('"', "def"))}
    return {text for text in secret if json.dumps(text, ensure_ascii=False)[1:-1] not in public}
