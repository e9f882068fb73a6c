"""Reads one author notebook; the first defect stops it, with the cell and the reason."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pythonmastery_ext.curriculum import rules
from pythonmastery_ext.curriculum.cells import (
    AlternativeCell,
    Cell,
    ContentError,
    HintCell,
    ProblemContent,
    ProblemMeta,
    SolutionCell,
    TestCell,
    WrongCell,
)
from pythonmastery_ext.curriculum.source import compile_fault, defined_names

M = TypeVar("M", bound=BaseModel)

TEXT_ROLES = ("statement", "context", "hint", "debrief")
CODE_ROLES = ("given", "solution", "test", "alternative", "wrong", "generator")
ROLES = (*TEXT_ROLES, *CODE_ROLES, "note")
#: Roles that a problem has at most once.
SINGLE = ("statement", "context", "given", "solution", "generator", "debrief")
#: Keys with a fixed place in the student's notebook, and the role that may carry them.
RESERVED = {
    "statement": "statement",
    "context": "context",
    "given": "given",
    "answer": "solution",
}


@dataclass(frozen=True)
class RawCell:
    role: str
    key: str
    source: str
    params: dict[str, Any]


def read_problem(path: Path) -> ProblemContent:
    notebook = _load(path)
    meta = _problem_meta(path, notebook)
    cells = [_raw_cell(path, n, cell) for n, cell in enumerate(notebook["cells"], start=1)]
    _check_keys(path, cells)
    if silent := [cell for cell in cells if cell.role == "hint" and not cell.source.strip()]:
        raise ContentError(path, silent[0].key, "a hint cell without words")
    content = _assemble(path, meta, cells)
    rules.check(path, content)
    return content


def _load(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as e:
        raise ContentError(path, None, f"the file cannot be read: {e.strerror or e}") from e
    except (ValueError, RecursionError) as e:
        raise ContentError(path, None, f"the file is not JSON: {e}") from e
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ContentError(path, None, "this is not a notebook of format 4 (nbformat)")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ContentError(path, None, "the notebook has no list of cells")
    return notebook


def _problem_meta(path: Path, notebook: dict[str, Any]) -> ProblemMeta:
    metadata = notebook.get("metadata")
    meta = metadata.get("pythonmastery") if isinstance(metadata, dict) else None
    if not isinstance(meta, dict):
        raise ContentError(
            path, None, "the notebook's metadata has no problem: metadata.pythonmastery is missing"
        )
    _check_text(path, None, meta)
    return _model(path, None, ProblemMeta, meta)


def _raw_cell(path: Path, number: int, cell: dict[str, Any]) -> RawCell:
    here = f"number {number}"
    metadata = cell.get("metadata")
    params = dict(_cell_params(path, here, metadata if isinstance(metadata, dict) else {}))
    role, key = params.pop("role", None), params.pop("key", None)
    here = key if isinstance(key, str) and key else here
    if role is None:
        raise ContentError(path, here, "the cell has no role, so it cannot be given to anybody")
    if role not in ROLES:
        raise ContentError(
            path, here, f"unknown role {role!r}; a role is one of {', '.join(ROLES)}"
        )
    key = key if key is not None else f"{role}-{number}"
    source = _source(path, here, cell)
    kind = cell.get("cell_type")
    wanted = "markdown" if role in TEXT_ROLES else "code" if role in CODE_ROLES else kind
    if kind != wanted:
        raise ContentError(path, here, f"a cell of role {role} is a {wanted} cell, not {kind}")
    if cell.get("outputs") or cell.get("execution_count") is not None:
        raise ContentError(path, here, "the cell has outputs; clear all outputs and save", "E03")
    _check_text(path, here, [source, params, key])
    return RawCell(role, key, source, params)


def _cell_params(path: Path, here: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata decides; a tag `pm-<role>` stands in for a role that is missing there."""
    params = metadata.get("pythonmastery", {})
    if not isinstance(params, dict):
        raise ContentError(path, here, "metadata.pythonmastery is not an object")
    tags = metadata.get("tags")
    roles = [
        tag.removeprefix("pm-")
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, str) and tag.startswith("pm-")
    ]
    if "role" not in params and len(roles) > 1:
        raise ContentError(path, here, f"the tags give more than one role: {', '.join(roles)}")
    return {"role": roles[0], **params} if roles and "role" not in params else params


def _source(path: Path, here: str, cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise ContentError(path, here, "the source of the cell is not text")
    return source.replace("\r\n", "\n").strip("\n")


def _check_text(path: Path, here: str | None, value: Any) -> None:
    """JSON takes NUL and lone surrogates; Python source and PostgreSQL do not."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text.replace("\\\\", "") or any("\ud800" <= c <= "\udfff" for c in text):
        raise ContentError(path, here, "a text holds a NUL or half of a surrogate pair")


def _model(path: Path, here: str | None, model: type[M], data: dict[str, Any]) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as e:
        raise ContentError(path, here, "; ".join(_sentence(error) for error in e.errors())) from e


def _sentence(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"`{field}` is missing"
    if error["type"] == "extra_forbidden":
        return f"`{field}` is not a known field"
    if field == "version":
        return "`version` is three numbers such as 1.0.0 (semantic versioning)"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"`{field}`: {message[:1].lower()}{message[1:]}"


def _check_keys(path: Path, cells: list[RawCell]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.key in seen:
            raise ContentError(path, cell.key, "another cell has the same key", "E02")
        seen.add(cell.key)
        if RESERVED.get(cell.key, cell.role) != cell.role:
            owner = RESERVED[cell.key]
            raise ContentError(path, cell.key, f"only a {owner} cell may have this key", "E02")
    for role in SINGLE:
        same = [cell for cell in cells if cell.role == role]
        if len(same) > 1:
            raise ContentError(path, same[1].key, f"a second {role} cell; a problem has one")
    for role in ("statement", "solution", "test"):
        if not any(cell.role == role and cell.source for cell in cells):
            raise ContentError(path, None, f"there is no {role} cell")


def _assemble(path: Path, meta: ProblemMeta, cells: list[RawCell]) -> ProblemContent:
    def parse(model: type[M], role: str, **defaults: Any) -> list[M]:
        return [
            _model(path, c.key, model, {**defaults, **c.params, "key": c.key, "source": c.source})
            for c in cells
            if c.role == role
        ]

    def one(role: str) -> str | None:
        found = next((cell for cell in cells if cell.role == role), None)
        if found is not None and found.params:
            raise ContentError(
                path, found.key, f"a {role} cell takes no field {', '.join(found.params)}"
            )
        return found.source if found is not None else None

    hints = [
        _model(path, c.key, HintCell, {**c.params, "key": c.key, "text": c.source})
        for c in cells
        if c.role == "hint"
    ]
    solution = next(cell for cell in cells if cell.role == "solution")
    if fault := compile_fault(solution.source):
        raise ContentError(path, solution.key, f"the code does not compile: {fault}")
    return ProblemContent(
        **dict(meta),
        statement=one("statement") or "",
        context=one("context") or "",
        given=one("given") or "",
        solution=parse(SolutionCell, "solution", entry=defined_names(solution.source))[0],
        tests=parse(TestCell, "test"),
        hints=hints,
        alternatives=parse(AlternativeCell, "alternative"),
        wrongs=parse(WrongCell, "wrong"),
        generator=next(iter(parse(Cell, "generator")), None),
        debrief=one("debrief"),
    )
