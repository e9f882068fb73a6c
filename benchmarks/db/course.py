"""A large course made of the real one, and real verdicts for its problems."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pythonmastery_ext.attempts.results import packed, without_nulls
from pythonmastery_ext.config import PythonMastery
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.course import CourseSource, SectionSource, read_course
from pythonmastery_ext.grading.client import GradingClient, Outcome

COURSE = Path(__file__).parent.parent.parent / "notebooks"
PER_SECTION = 20


@dataclass(frozen=True)
class Graded:
    """One way to answer a problem, and its verdict."""

    slug: str
    kind: str
    code: str
    outcome: Outcome


def models(most: int | None = None) -> list[ProblemContent]:
    """The problems of the real course, of which the large one is made."""
    found = [p for section in read_course(COURSE).sections for p in section.problems]
    return [problem for problem in found if problem.status == "published"][:most]


def large_course(problems: int, originals: list[ProblemContent]) -> CourseSource:
    """Each section asks for the one before it, as in the real course."""
    copies = list(islice(_copies(originals), problems))
    sections = []
    for number, start in enumerate(range(0, problems, PER_SECTION), start=1):
        sections.append(
            SectionSource(
                slug=f"part-{number}",
                name=f"Part {number}",
                description="Problems of the course, many times over.",
                order=number,
                prerequisites=[f"part-{number - 1}"] if number > 1 else [],
                difficulty_level="beginner",
                estimated_hours=10,
                folder=COURSE,
                problems=copies[start : start + PER_SECTION],
            )
        )
    return CourseSource(sections)


def _copies(originals: list[ProblemContent]) -> Iterator[ProblemContent]:
    for number, original in enumerate(cycle(originals)):
        slug = f"{original.slug}-{number}"
        yield original.model_copy(
            update={
                "uid": uuid5(NAMESPACE_OID, slug),
                "slug": slug,
                "order": number + 1,
                "difficulty": number % 10 + 1,
            }
        )


async def verdicts(originals: list[ProblemContent]) -> list[Graded]:
    """Each problem's solution and its known mistakes, graded for real as check and as submit."""
    client = GradingClient(PythonMastery(minimum_level="own"))
    await client.start()
    try:
        return [
            Graded(problem.slug, kind, code, await client.grade(_ID, kind, code, problem))
            for problem in originals
            for kind in ("submit", "check")
            for code in (problem.solution.source, *(wrong.source for wrong in problem.wrongs))
        ]
    finally:
        await client.close()


#: Decides only the order in which the tests run.
_ID = "00000000-0000-7000-8000-000000000001"


def rows(
    graded: list[Graded], originals: Mapping[str, ProblemContent]
) -> Iterator[tuple[Any, ...]]:
    """As the generator's table of outcomes has them: number 0 passed, the others did not."""
    counts: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str]] = set()
    for each in graded:
        key = (each.slug, each.kind)
        if each.outcome.status == "passed":
            if key in seen:
                continue
            seen.add(key)
            number = 0
        else:
            counts[key] = number = counts.get(key, 0) + 1
        outcome, memory = each.outcome, each.outcome.memory_bytes
        yield (
            *(each.slug, each.kind, number, each.code, outcome.status, outcome.points),
            *(outcome.tests, packed(outcome.tests, originals[each.slug], each.kind, memory)),
            *(without_nulls(outcome.details), outcome.execution_time_ms, memory),
        )


def save(file: Path, graded: list[Graded]) -> None:
    """For the client processes."""
    file.write_text(json.dumps([asdict(each) for each in graded]), encoding="utf-8")


def load(file: Path) -> list[Graded]:
    rows = json.loads(file.read_text(encoding="utf-8"))
    return [Graded(**{**row, "outcome": Outcome(**row["outcome"])}) for row in rows]


def answers(file: Path) -> dict[str, Iterator[Graded]]:
    """Submissions to each problem of the real course, one after the other for ever."""
    found: defaultdict[str, list[Graded]] = defaultdict(list)
    for each in load(file):
        if each.kind == "submit":
            found[each.slug].append(each)
    return {slug: cycle(many) for slug, many in found.items()}
