"""The course on the wire."""

from typing import Any, Literal

from pythonmastery_ext.wire import WireOut

Visibility = Literal["sample", "hidden"]


class SectionOut(WireOut):
    slug: str
    name: str
    description: str
    order: int
    difficulty_level: Literal["beginner", "intermediate", "advanced"]
    estimated_hours: float
    prerequisites: list[str]
    #: Why it is not open yet, in a sentence; null when it is open.
    locked: str | None
    solved: int
    total: int


class ProblemSummary(WireOut):
    slug: str
    title: str
    section: str
    order: int
    difficulty: int
    minutes: int
    domain: str
    version: str
    state: Literal["locked", "new", "started", "solved"]
    #: Why it is not open yet, in a sentence; null when it is open.
    locked: str | None
    best_points: int
    max_points: int
    xp: int
    #: Solved with a hint or the tutor; null until solved.
    aided: bool | None


class CourseOut(WireOut):
    sections: list[SectionOut]
    problems: list[ProblemSummary]
    #: Slug of the first open problem that is not solved.
    next: str | None


class TestOut(WireOut):
    """A test as a student may know it: hidden ones by name only."""

    key: str
    name: str
    visible: Visibility
    weight: int
    source: str | None


class LimitsOut(WireOut):
    cpu_seconds: float
    memory_mb: int
    output_kb: int


class ProblemOut(ProblemSummary):
    statement: str
    context: str
    given: str
    starter_code: str
    entry: list[str]
    allow_imports: list[str]
    limits: LimitsOut
    tests: list[TestOut]
    hints_total: int
    hints_opened: int
    #: Where the student's notebook lives, relative to the root folder of the file browser.
    notebook_path: str
    #: Shown once it is solved.
    debrief: str | None


class NotebookOut(WireOut):
    path: str
    version: str
    #: nbformat 4.5, ready to be saved.
    notebook: dict[str, Any]


class TestFound(WireOut):
    """A test that an instructor looked for; not its source, which is in the author's notebook."""

    problem: str
    title: str
    section: str
    key: str
    name: str
    visible: Visibility
    weight: int


class TestsPage(WireOut):
    tests: list[TestFound]
    #: Hand it back as `after` for further ones; null on the last page.
    after: str | None
