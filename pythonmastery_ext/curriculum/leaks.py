"""Does a student's notebook hold something that only the author may see?

Two nets: runs of 20 tokens that also stand in a secret cell (of the whole cell, where a solution
or a test is shorter), and canaries, which are constants that only hidden tests hold.
"""

import ast
import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.source import solution_part
from pythonmastery_ext.curriculum.student import starter_code

TOKEN = re.compile(r"\w+|[^\w\s]")
RUN = 20
#: Fewer tokens, such as `return a + b`, may be chance.
SHORTEST = 6
#: Shorter constants (a 7, an "a") stand everywhere and tell nothing.
CANARY_LENGTH = 4


def find_leaks(content: ProblemContent, notebook: dict[str, Any]) -> list[str]:
    """A sentence for each secret cell of which something shows; empty if all is clean."""
    text = "\n".join(_strings(notebook))
    starter = starter_code(content)
    # Most secrets are looked for in runs of the same length.
    shown = cache(lambda length: runs(text, length) - runs(starter, length))
    found = []
    for name, secret, length in _secrets(content):
        if shown(length) & runs(secret, length):
            found.append(f"{length} tokens in a row of {name} are in the student's notebook")
    words = set(TOKEN.findall(text))
    for value, where in _canaries(content).items():
        if value in words if value.isalnum() else value in text:
            found.append(f"the value {value!r} of hidden {where} is in the student's notebook")
    return found


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    tokens = TOKEN.findall(text)
    return set(zip(*(tokens[n:] for n in range(length)), strict=False))


def _secrets(content: ProblemContent) -> Iterable[tuple[str, str, int]]:
    """What a cell is called, its text, and how long a run gives it away."""
    solution = solution_part(content.solution.source)
    yield "the solution", solution, _whole(solution)
    for test in content.hidden:
        yield f"hidden test '{test.key}'", test.source, _whole(test.source)
    for cell in (*content.alternatives, *content.wrongs):
        yield f"cell '{cell.key}'", cell.source, RUN
    for hint in content.hints:
        yield f"hint {hint.level}", hint.text, RUN
    if content.generator:
        yield "the generator", content.generator.source, RUN
    if content.debrief:
        yield "the debrief", content.debrief, RUN


def _whole(secret: str) -> int:
    return max(SHORTEST, min(RUN, len(TOKEN.findall(secret))))


def _canaries(content: ProblemContent) -> dict[str, str]:
    """Constants of hidden tests that stand in no cell that the author shows."""
    public = "\n".join(
        [
            content.statement,
            content.context,
            content.given,
            starter_code(content),
            *(test.source for test in content.samples),
            json.dumps(content.to_json()["limits"]),
        ]
    )
    words = set(TOKEN.findall(public))
    found: dict[str, str] = {}
    for test in content.hidden:
        for value in _constants(test.source):
            known = value in words if value.isalnum() else value in public
            if len(value) >= CANARY_LENGTH and not known:
                found.setdefault(value, test.key)
    return found


def _constants(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) in (str, int, float):
            yield str(node.value)


def _strings(value: Any) -> Iterable[str]:
    """Every text and number of the notebook, keys included."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield str(key)
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
    else:
        yield str(value)
