"""A small course for the tests of the API: an open section and one that it opens."""

import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

SECTION = """
name = "{name}"
description = "For tests."
order = {order}
prerequisites = {prerequisites}
difficulty_level = "beginner"
estimated_hours = 1.0
"""

RIGHT = "def double(n):\n    return n * 2\n"
#: Passes the samples (2 of 6 points).
PARTLY = "def double(n):\n    return n + 2 if n == 2 else 10\n"
WRONG = "def double(n):\n    return None\n"
SLOW = "import time\ndef double(n):\n    time.sleep(0.4)\n    return n * 2\n"
SECRET = 987654

TESTS = (
    ("t-two", "Two", "sample", 1, "assert double(2) == 4"),
    ("t-five", "Five", "sample", 1, "assert double(5) == 10"),
    ("t-zero", "Zero", "hidden", 2, "assert double(0) == 0"),
    ("t-large", "Large", "hidden", 2, f"assert double({SECRET}) == {SECRET * 2}"),
)
UNLOCKS: tuple[dict[str, Any], ...] = (
    {"any": [{"failed_attempts": 1}, {"minutes": 4}]},
    {"any": [{"failed_attempts": 1}, {"minutes": 8}]},
    {"test_failed": "t-large"},
    {"all": [{"hint_seen": 3}, {"any": [{"failed_attempts": 5}, {"minutes": 18}]}]},
)
KINDS = ("nudge", "concept", "plan", "partial")


def make_course(folder: Path) -> Path:
    for order, slug, prerequisites, problems in (
        (1, "numbers", [], ("double", "double-again", "double-more")),
        (2, "later", ["numbers"], ("double-late",)),
    ):
        section = folder / f"{order:02}-{slug}"
        section.mkdir(parents=True)
        text = SECTION.format(
            name=slug.title(), order=order, prerequisites=json.dumps(prerequisites)
        )
        (section / "section.toml").write_text(text)
        for place, problem in enumerate(problems, 1):
            notebook = problem_notebook(slug, problem, place)
            (section / f"{problem}.ipynb").write_text(json.dumps(notebook))
    return folder


def problem_notebook(section: str, slug: str, order: int) -> dict[str, Any]:
    solution = (
        'def double(n):\n    """Return twice n."""\n'
        "    ### BEGIN SOLUTION\n    return n * 2\n    ### END SOLUTION\n"
    )
    cells = [
        cell("statement", "statement", f"# {slug}\n\nWrite `double(n)`: it returns twice `n`."),
        cell("answer", "solution", solution, entry=["double"]),
        *(
            cell(key, "test", source, name=name, visible=visible, weight=weight)
            for key, name, visible, weight, source in TESTS
        ),
        *(
            cell(f"h{n}", "hint", f"Hint {n} of {slug}.", level=n, kind=KINDS[n - 1], unlock=rule)
            for n, rule in enumerate(UNLOCKS, 1)
        ),
        cell("debrief", "debrief", "Well done: you doubled."),
    ]
    meta = {
        "schema": 1,
        "kind": "problem",
        "id": str(uuid5(NAMESPACE_URL, slug)),
        "slug": slug,
        "version": "1.0.0",
        "status": "published",
        "title": slug.title(),
        "section": section,
        "order": order,
        "domain": "numbers",
        "difficulty": 2,
        "minutes": 5,
        "teaches": ["functions"],
        "prerequisites": [],
        "limits": {"cpu_seconds": 2, "memory_mb": 256},
        "allow_imports": ["time"],
    }
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"pythonmastery": meta},
        "cells": cells,
    }


def cell(key: str, role: str, source: str, **params: Any) -> dict[str, Any]:
    markdown = role in ("statement", "hint", "debrief")
    made: dict[str, Any] = {
        "id": key,
        "cell_type": "markdown" if markdown else "code",
        "metadata": {"pythonmastery": {"key": key, "role": role, **params}},
        "source": source,
    }
    return made if markdown else {**made, "outputs": [], "execution_count": None}
