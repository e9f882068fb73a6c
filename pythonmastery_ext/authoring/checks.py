"""Checks that need only the text of a problem: bars, hints, leaks, length."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pythonmastery_ext.authoring import reading
from pythonmastery_ext.authoring.findings import Finding
from pythonmastery_ext.curriculum.format import HintCell, ProblemContent
from pythonmastery_ext.curriculum.leaks import find_leaks, runs
from pythonmastery_ext.curriculum.source import solution_part, with_stub
from pythonmastery_ext.curriculum.student import starter_code, student_notebook

SAMPLES = range(2, 4)
HIDDEN = range(5, 10)
MIN_WRONGS = 4
MAX_SAMPLE_WEIGHT = 0.40
HINTS = 4
#: Largest part of the solution's runs of tokens that a hint of each level may show.
REVEAL = {1: 0.0, 2: 0.0, 3: 0.10, 4: 0.50}
REVEAL_RUN = 6
MAX_STATEMENT_WORDS = 180
MAX_CONTEXT_WORDS = 60
MAX_GRADE = 8.0


def check_text(path: Path, content: ProblemContent) -> list[Finding]:
    return [
        Finding(path, cell, code, message)
        for check in (_bars, _leaks, _hints, _length, _smells)
        for cell, code, message in check(content)
    ]


Found = Iterator[tuple[str | None, str, str]]


def _bars(content: ProblemContent) -> Found:
    samples, hidden = len(content.samples), len(content.hidden)
    if samples not in SAMPLES:
        yield None, "E01", f"{samples} sample tests; a problem has 2 or 3"
    if hidden not in HIDDEN:
        yield None, "E01", f"{hidden} hidden tests; a problem has 5 to 9"
    share = sum(test.weight for test in content.samples) / content.max_points
    if share > MAX_SAMPLE_WEIGHT:
        yield None, "E01", f"sample tests weigh {share:.0%} of all points; 40% is the most"
    if len(content.wrongs) < MIN_WRONGS:
        yield (
            None,
            "E07",
            f"{len(content.wrongs)} wrong solutions; at least {MIN_WRONGS} are needed",
        )
    if len(content.hints) != HINTS:
        yield None, "E11", f"{len(content.hints)} hints; a problem has {HINTS}"
    if content.generator is None:
        yield None, "E09", "there is no generator of inputs"
    if not content.alternatives:
        yield None, "E05", "there is no alternative solution"


def _leaks(content: ProblemContent) -> Found:
    for leak in find_leaks(content, student_notebook(content)):
        yield None, "E10", leak


def _hints(content: ProblemContent) -> Found:
    secret = runs(solution_part(content.solution.source), REVEAL_RUN)
    secret -= runs(starter_code(content), REVEAL_RUN)
    for hint in content.hints:
        share = len(secret & runs(hint.text, REVEAL_RUN)) / len(secret) if secret else 0.0
        if share > REVEAL[hint.level]:
            yield (
                hint.key,
                "E11",
                f"hint {hint.level} shows {share:.0%} of the solution; "
                f"{REVEAL[hint.level]:.0%} is the most",
            )


def _length(content: ProblemContent) -> Found:
    count = reading.words(content.statement)
    if count > MAX_STATEMENT_WORDS:
        yield "statement", "W13", f"{count} words; {MAX_STATEMENT_WORDS} are enough"
    count = reading.words(content.context)
    if count > MAX_CONTEXT_WORDS:
        yield "context", "W13", f"{count} words; {MAX_CONTEXT_WORDS} are enough"
    for key, text in (("statement", content.statement), ("context", content.context)):
        grade = reading.grade(text)
        if grade > MAX_GRADE:
            yield key, "W13", f"reading grade {grade:.1f}; write shorter sentences and words"


def _smells(content: ProblemContent) -> Found:
    from grader.smells import smells

    for test in content.tests:
        for smell in smells(test.source):
            yield test.key, "W19", str(smell)


def pasted_hint(content: ProblemContent, hint: HintCell) -> str | None:
    """What a learner has who pastes the code of a hint into the answer; None if it has no code."""
    blocks = re.findall(r"^```(?:python)?\n(.*?)^```", hint.text, re.DOTALL | re.MULTILINE)
    if not blocks:
        return None
    code = "\n".join(blocks)
    if any(re.search(rf"\b(?:def|class)\s+{name}\b", code) for name in content.solution.entry):
        return code
    return with_stub(content.solution.source, textwrap.dedent(code))
