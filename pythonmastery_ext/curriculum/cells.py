"""What an author notebook holds, once it has been read and found right."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from pythonmastery_ext.curriculum import unlock

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Misconception = Annotated[str, StringConstraints(pattern=r"^MC-[A-Z0-9-]+$", max_length=60)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=80)]
Module = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")
]
Version = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}$", max_length=40)
]
Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\r\n]*$")]
Status = Literal["draft", "review", "published", "deprecated"]

STUB = 'raise NotImplementedError("Write your code here")'


class ContentError(Exception):
    """Something in the course folder is wrong; `str()` names the file, the cell and the reason."""

    def __init__(self, path: Path, cell: str | None, reason: str, code: str = "E01") -> None:
        self.path = path
        #: Key of the cell, or "number n" for one that has none; None for the notebook as a whole.
        self.cell = cell
        self.reason = reason
        #: Number of the check, as `pythonmastery validate` prints it.
        self.code = code
        super().__init__(path, cell, reason)

    def __str__(self) -> str:
        where = f", cell '{self.cell}'" if self.cell is not None else ""
        return f"{self.path.as_posix()}{where}: {self.reason}"


class Authored(BaseModel):
    """An unknown field is most likely a typing error, so it is refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True
    )


class Limits(Authored):
    cpu_seconds: float = Field(gt=0, le=30)
    memory_mb: int = Field(ge=32, le=2048)
    output_kb: int = Field(default=64, ge=1, le=1024)
    result_kb: int = Field(default=1024, ge=1, le=16 * 1024)
    network: Literal[False] = False


class Origin(Authored):
    tool: str | None = None
    model: str | None = None
    reviewed_by: str | None = None


class ProblemMeta(Authored):
    """`metadata.pythonmastery` of the notebook."""

    schema_version: Literal[1] = Field(alias="schema")
    kind: Literal["problem"]
    uid: UUID = Field(alias="id", strict=False)
    slug: Slug
    version: Version
    status: Status
    title: Annotated[Line, StringConstraints(min_length=3, max_length=60)]
    section: Slug
    order: int = Field(ge=1, le=10_000)
    domain: Slug
    difficulty: int = Field(ge=1, le=10)
    minutes: int = Field(ge=3, le=120)
    teaches: list[Slug] = Field(min_length=1, max_length=2)
    practises: list[Slug] = []
    prerequisites: list[Slug] = []
    misconceptions: list[Misconception] = []
    limits: Limits
    allow_imports: list[Module] = []
    authors: list[Line] = []
    license: Line = "CC-BY-SA-4.0"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "en"
    variant_of: UUID | None = Field(default=None, strict=False)
    origin: Origin | None = None


class Cell(Authored):
    key: Slug
    source: str


class SolutionCell(Cell):
    entry: list[Name] = Field(min_length=1)
    #: What stands in the student's cell in place of the solution.
    stub: str = STUB


class TestCell(Cell):
    __test__ = False  # pytest: not a test class, whatever its name

    name: Annotated[Line, StringConstraints(max_length=60)]
    visible: Literal["sample", "hidden"] = "hidden"
    weight: int = Field(default=1, ge=1, le=10)
    kind: Literal["auto", "script"] = "auto"
    on_fail: Annotated[Line, StringConstraints(max_length=200)] | None = None
    #: Absolute difference that still counts as equal, for floats.
    tolerance: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    #: False: a list may come back in any order.
    ordered: bool = True


class AlternativeCell(Cell):
    """Another correct solution."""

    note: str | None = None


class WrongCell(Cell):
    """A plausible wrong solution: the tests must catch it, and its feedback explains it."""

    misconception: Misconception
    feedback: Annotated[Line, StringConstraints(max_length=240)]
    #: Keys of tests that must fail for it; all of them do.
    killed_by: list[Slug] = []


class HintCell(Authored):
    key: Slug
    level: int = Field(ge=1, le=4)
    kind: Literal["nudge", "concept", "plan", "partial"]
    text: str
    links: list[Annotated[str, StringConstraints(pattern=r"^https://\S+$")]] = []
    unlock: dict[str, Any]

    @field_validator("unlock")
    @classmethod
    def _unlock_has_the_grammar(cls, rule: dict[str, Any]) -> dict[str, Any]:
        unlock.parse(rule)
        return rule


class ProblemContent(ProblemMeta):
    """A whole problem. Stored as JSON with its version: `to_json` and `from_json` are inverse.

    All but the profile, which is recorded and not authored, and has a table of its own.
    """

    statement: str
    context: str = ""
    given: str = ""
    solution: SolutionCell
    tests: list[TestCell]
    hints: list[HintCell] = []
    alternatives: list[AlternativeCell] = []
    wrongs: list[WrongCell] = []
    generator: Cell | None = None
    debrief: str | None = None
    #: What the grader recorded of the right solutions of a class problem; None: not yet, or none.
    profile: dict[str, Any] | None = Field(default=None, exclude=True)

    @property
    def max_points(self) -> int:
        return sum(test.weight for test in self.tests)

    @property
    def samples(self) -> list[TestCell]:
        return [test for test in self.tests if test.visible == "sample"]

    @property
    def hidden(self) -> list[TestCell]:
        return [test for test in self.tests if test.visible == "hidden"]

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ProblemContent":
        return cls.model_validate(data)

    def with_profile(self, profile: dict[str, Any] | None) -> "ProblemContent":
        return self.model_copy(update={"profile": profile})
