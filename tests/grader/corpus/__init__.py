"""Exercises in every style that an author may test in: a solution, its tests, and wrong solutions.

Each file holds many: `=== name`, the solution, `---`, the tests, `--- wrong`, and one line for each
wrong solution, `this ==> that`, which says what of the solution is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Exercise:
    style: str
    name: str
    solution: str
    tests: str
    wrong: tuple[str, ...]


def exercises() -> list[Exercise]:
    return [e for path in sorted(Path(__file__).parent.glob("*.txt")) for e in _read(path)]


def _read(path: Path) -> list[Exercise]:
    parts = path.read_text(encoding="utf-8").split("\n=== ")[1:]
    return [_exercise(path.stem, part) for part in parts]


def _exercise(style: str, part: str) -> Exercise:
    name, _, rest = part.partition("\n")
    solution, _, rest = rest.partition("\n---\n")
    tests, _, changes = rest.partition("\n--- wrong\n")
    wrong = tuple(_changed(name, solution + "\n", line) for line in changes.splitlines())
    return Exercise(style, name, solution + "\n", tests + "\n", wrong)


def _changed(name: str, solution: str, line: str) -> str:
    old, arrow, new = f"{line} ".replace("\\n", "\n").partition(" ==> ")
    if not arrow or solution.count(old) < 1:
        raise ValueError(f"{name}: {old!r} is not in the solution")
    return solution.replace(old, new.rstrip(" "), 1)
