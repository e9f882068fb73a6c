"""Reads a course folder: what is wrong becomes an error, and the rest of the course loads."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from pythonmastery_ext.curriculum.cells import (
    Authored,
    ContentError,
    Line,
    ProblemContent,
    Slug,
)
from pythonmastery_ext.curriculum.reader import read_problem

FOLDER = re.compile(r"(\d{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)", re.ASCII)


class SectionFile(Authored):
    """`section.toml`."""

    name: Annotated[Line, StringConstraints(max_length=200)]
    description: Annotated[str, StringConstraints(min_length=1)]
    order: int = Field(ge=1, le=1000)
    prerequisites: list[Slug] = Field(default=[])
    difficulty_level: Literal["beginner", "intermediate", "advanced"]
    estimated_hours: float = Field(gt=0, le=1000)


@dataclass(frozen=True, kw_only=True)
class SectionSource:
    slug: str
    name: str
    description: str
    order: int
    prerequisites: list[str]
    difficulty_level: str
    estimated_hours: float
    folder: Path
    problems: list[ProblemContent]


@dataclass(frozen=True)
class CourseSource:
    sections: list[SectionSource] = field(default_factory=list)
    errors: list[ContentError] = field(default_factory=list)


def read_course(folder: Path) -> CourseSource:
    """Sections by order, and problems by order in them. Never raises for what an author wrote."""
    if not folder.is_dir():
        error = ContentError(folder, None, "the course folder does not exist")
        return CourseSource(errors=[error])
    errors: list[ContentError] = []
    sections: list[SectionSource] = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and _is_section(path):
            section = read_section(path, errors)
            if section is not None:
                sections.append(section)
    if not sections and not errors:
        errors.append(ContentError(folder, None, "the course folder holds no section"))
    sections = _without_duplicates(sections, errors)
    sections = _with_sound_prerequisites(sections, errors)
    return CourseSource(sorted(sections, key=lambda s: (s.order, s.slug)), errors)


def section_slug(folder: Path) -> str | None:
    match = FOLDER.fullmatch(folder.name)
    return match[2] if match else None


def _is_section(path: Path) -> bool:
    return bool(section_slug(path)) or (path / "section.toml").exists() or any(path.glob("*.ipynb"))


def read_section(folder: Path, errors: list[ContentError]) -> SectionSource | None:
    """One section by itself; None if it has no name or no `section.toml` that can be read."""
    slug = section_slug(folder)
    if slug is None:
        errors.append(
            ContentError(folder, None, "a section folder is named <nn>-<slug>, such as 04-text")
        )
        return None
    file = folder / "section.toml"
    try:
        about = SectionFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        errors.append(ContentError(file, None, "the folder has no section.toml"))
        return None
    except (OSError, ValueError) as e:
        errors.append(ContentError(file, None, _reason(e)))
        return None
    problems = _read_problems(folder, errors)
    return SectionSource(slug=slug, folder=folder, problems=problems, **about.model_dump())


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"`{'.'.join(map(str, e['loc']))}`: {e['msg'][:1].lower()}{e['msg'][1:]}"
            for e in error.errors()
        )
    return f"it cannot be read as TOML: {error}"


def read_placed(path: Path) -> ProblemContent:
    """The problem of a notebook that has the right name and lies in the right folder."""
    problem = read_problem(path)
    slug = section_slug(path.absolute().parent)
    if problem.section != slug:
        where = f"its folder's is '{slug}'" if slug else "its folder is no section's"
        raise ContentError(path, None, f"its section is '{problem.section}', {where}")
    if problem.slug != path.stem:
        reason = f"the slug is '{problem.slug}', so name the file {problem.slug}.ipynb"
        raise ContentError(path, None, reason, "E02")
    return problem


def _read_problems(folder: Path, errors: list[ContentError]) -> list[ProblemContent]:
    problems = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            problems.append(read_placed(path))
        except ContentError as e:
            errors.append(e)
    return sorted(problems, key=lambda p: (p.order, p.slug))


def _without_duplicates(
    sections: list[SectionSource], errors: list[ContentError]
) -> list[SectionSource]:
    """The first one of each slug and id, in the order of the folders' names, stays."""
    slugs: dict[str, str] = {}
    uids: dict[Any, str] = {}
    seen: set[str] = set()
    kept = []
    for section in sections:
        if section.slug in seen:
            errors.append(
                ContentError(section.folder, None, "another folder has the same section", "E02")
            )
            continue
        seen.add(section.slug)
        problems = []
        for problem in section.problems:
            path = section.folder / f"{problem.slug}.ipynb"
            other = slugs.get(problem.slug) or uids.get(problem.uid)
            if other is not None:
                what = "slug" if problem.slug in slugs else "id"
                reason = f"{other} has the same {what}; every problem has its own"
                errors.append(ContentError(path, None, reason, "E02"))
                continue
            slugs[problem.slug] = uids[problem.uid] = f"{section.folder.name}/{path.name}"
            problems.append(problem)
        kept.append(_replace(section, problems=problems))
    return kept


def _with_sound_prerequisites(
    sections: list[SectionSource], errors: list[ContentError]
) -> list[SectionSource]:
    """A prerequisite that nobody can meet would lock a section for good, so it is left out."""
    wants = {section.slug: section.prerequisites for section in sections}
    sound = []
    for section in sections:
        file = section.folder / "section.toml"
        kept = []
        for wanted in section.prerequisites:
            if wanted not in wants:
                errors.append(ContentError(file, None, f"unknown prerequisite '{wanted}'", "E04"))
            elif chain := _chain(wants, wanted, section.slug):
                circle = " → ".join([section.slug, *chain])
                reason = f"prerequisites in a circle: {circle}"
                errors.append(ContentError(file, None, reason, "E04"))
            else:
                kept.append(wanted)
        sound.append(_replace(section, prerequisites=kept))
    return sound


def _chain(wants: dict[str, list[str]], start: str, goal: str) -> list[str] | None:
    """The way from one section to another along prerequisites; None if there is none."""
    todo, seen = [[start]], {start}
    while todo:
        way = todo.pop()
        if way[-1] == goal:
            return way
        for wanted in wants.get(way[-1], []):
            if wanted not in seen:
                seen.add(wanted)
                todo.append([*way, wanted])
    return None


def _replace(section: SectionSource, **changes: Any) -> SectionSource:
    return SectionSource(**{**vars(section), **changes})
