"""A course folder: what is wrong is told, and the rest of it loads."""

import shutil
from pathlib import Path

import pytest

from pythonmastery_ext.curriculum.format import read_course
from tests.content.course import NOTEBOOKS, edit

FIRST, MONEY = "01-first-steps", "08-dates-money"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTEBOOKS, tmp_path / "course"))


def slugs(course) -> set[str]:
    return {problem.slug for section in course.sections for problem in section.problems}


def errors(course) -> list[str]:
    return [str(error) for error in course.errors]


def toml(folder: Path, section: str, old: str, new: str) -> None:
    path = folder / section / "section.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_course_has_its_sections_and_problems_in_order():
    course = read_course(NOTEBOOKS)
    assert course.errors == []
    assert [section.slug for section in course.sections] == ["first-steps", "dates-money"]
    assert [problem.slug for problem in course.sections[0].problems] == [
        "first-day-total",
        "vat-on-ticket",
        "boxes-needed",
        "shift-length",
        "fuel-cost",
        "typed-quantity",
        "split-tip",
        "meter-units",
    ]
    assert [problem.slug for problem in course.sections[1].problems] == ["overdue-by-customer"]
    assert all(section.prerequisites == [] for section in course.sections)


def test_one_malformed_notebook_does_not_stop_the_rest(folder):
    path = folder / FIRST / "fuel-cost.ipynb"
    path.write_text(path.read_text()[:-200])
    course = read_course(folder)
    assert slugs(course) == slugs(read_course(NOTEBOOKS)) - {"fuel-cost"}
    assert len(course.errors) == 1
    assert course.errors[0].path == path


def test_several_defects_are_all_told(folder):
    for slug in ("fuel-cost", "split-tip"):
        edit(folder / FIRST / f"{slug}.ipynb", problem={"difficulty": 12})
    (folder / MONEY / "section.toml").unlink()
    assert len(read_course(folder).errors) == 3


SECTION_FILES = {
    "unknown field": ("order = 8", "order = 8\nordre = 8", "`ordre`: extra inputs"),
    "missing field": ("order = 8", "", "`order`: field required"),
    "level": ('"intermediate"', '"medium"', "`difficulty_level`: input should be"),
    "not TOML": ("order = 8", "order = ", "cannot be read as TOML"),
}


@pytest.mark.parametrize(("old", "new", "reason"), SECTION_FILES.values(), ids=SECTION_FILES)
def test_a_wrong_section_file_is_told_and_the_other_section_loads(folder, old, new, reason):
    toml(folder, MONEY, old, new)
    course = read_course(folder)
    assert len(course.errors) == 1
    assert course.errors[0].path.name == "section.toml"
    assert reason in course.errors[0].reason
    assert [section.slug for section in course.sections] == ["first-steps"]


def test_a_folder_without_a_section_file_is_told(folder):
    (folder / MONEY / "section.toml").unlink()
    course = read_course(folder)
    assert "has no section.toml" in errors(course)[0]
    assert len(slugs(course)) == 8


def test_a_section_folder_has_a_number_and_a_slug(folder):
    (folder / MONEY).rename(folder / "money")
    assert "named <nn>-<slug>" in errors(read_course(folder))[0]


def test_other_files_and_folders_are_left_alone(folder):
    (folder / "__pycache__").mkdir()
    (folder / "images").mkdir()
    (folder / "README.md").write_text("About this course")
    assert read_course(folder).errors == []


def test_an_unknown_prerequisite_is_told_and_left_out(folder):
    toml(folder, MONEY, "prerequisites = []", 'prerequisites = ["first-steps", "filez"]')
    course = read_course(folder)
    assert "unknown prerequisite 'filez'" in errors(course)[0]
    assert course.sections[1].prerequisites == ["first-steps"]


def test_prerequisites_in_a_circle_lock_nobody_out(folder):
    toml(folder, MONEY, "prerequisites = []", 'prerequisites = ["first-steps"]')
    toml(folder, FIRST, "prerequisites = []", 'prerequisites = ["dates-money"]')
    course = read_course(folder)
    assert "in a circle: first-steps → dates-money → first-steps" in errors(course)[0]
    assert all(section.prerequisites == [] for section in course.sections)


def test_a_section_is_not_its_own_prerequisite(folder):
    toml(folder, MONEY, "prerequisites = []", 'prerequisites = ["dates-money"]')
    course = read_course(folder)
    assert "dates-money → dates-money" in errors(course)[0]
    assert course.sections[1].prerequisites == []


def test_a_slug_is_taken_once(folder):
    first = folder / FIRST / "fuel-cost.ipynb"
    second = folder / MONEY / "fuel-cost.ipynb"
    shutil.copy(first, second)
    edit(second, problem={"section": "dates-money", "id": "00000000-0000-4000-8000-000000000001"})
    course = read_course(folder)
    assert course.errors[0].path == second
    assert "01-first-steps/fuel-cost.ipynb has the same slug" in course.errors[0].reason
    assert "fuel-cost" in slugs(course)


def test_an_id_is_taken_once(folder):
    first = folder / FIRST / "fuel-cost.ipynb"
    copied = Path(shutil.copy(first, folder / FIRST / "other-cost.ipynb"))
    edit(copied, problem={"slug": "other-cost"})
    course = read_course(folder)
    assert "01-first-steps/fuel-cost.ipynb has the same id" in course.errors[0].reason
    assert slugs(course) == slugs(read_course(NOTEBOOKS))


def test_a_section_is_there_once(folder):
    shutil.copytree(folder / MONEY, folder / "09-dates-money")
    course = read_course(folder)
    assert "another folder has the same section" in errors(course)[0]
    assert len(course.sections) == 2


def test_a_notebook_is_named_by_its_slug_and_lies_in_its_section(folder):
    path = folder / FIRST / "fuel-cost.ipynb"
    path.rename(path.with_name("fuel.ipynb"))
    tip = folder / FIRST / "split-tip.ipynb"
    tip.rename(folder / MONEY / "split-tip.ipynb")
    told = "\n".join(errors(read_course(folder)))
    assert "name the file fuel-cost.ipynb" in told
    assert "its section is 'first-steps', its folder's is 'dates-money'" in told
