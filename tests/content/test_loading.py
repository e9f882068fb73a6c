"""The loader against a real PostgreSQL."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text

from pythonmastery_ext.curriculum.format import CourseSource, read_course
from pythonmastery_ext.curriculum.loader import LoadReport, load_course
from pythonmastery_ext.curriculum.models import Hint, Problem, ProblemVersion, Section
from pythonmastery_ext.curriculum.models import TestCase as Case
from tests.content.course import NOTEBOOKS, edit

SECTION = "01-first-steps"
SLUGS = ["first-day-total", "vat-on-ticket"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of one section with two problems, to be changed at will."""
    root = tmp_path / "course"
    (root / SECTION).mkdir(parents=True)
    for name in ("section.toml", *(f"{slug}.ipynb" for slug in SLUGS)):
        shutil.copy(NOTEBOOKS / SECTION / name, root / SECTION / name)
    return root


async def load(db, folder: Path) -> LoadReport:
    async with db.transaction() as session:
        return await load_course(session, read_course(folder))


async def rows(db, query):
    async with db.transaction() as session:
        return (await session.execute(query)).all()


async def problem(db, slug: str) -> Problem:
    async with db.transaction() as session:
        return await session.scalar(select(Problem).filter_by(slug=slug))


async def test_the_whole_course_loads_and_a_second_time_changes_nothing(db):
    first = await load(db, NOTEBOOKS)
    assert first.errors == []
    assert len(first.added) == 9
    before = await rows(db, text("select * from problem_version order by id"))

    second = await load(db, NOTEBOOKS)
    assert sorted(second.unchanged) == sorted(first.added)
    assert not second.changed
    assert await rows(db, text("select * from problem_version order by id")) == before


async def test_tests_and_hints_become_rows(db, folder):
    await load(db, folder)
    source = read_course(folder).sections[0].problems[0]
    tests = await rows(
        db,
        select(Case.key, Case.input_data, Case.expected_output, Case.is_sample)
        .join(Problem, Problem.version_id == Case.version_id)
        .where(Problem.slug == "first-day-total")
        .order_by(Case.order_index),
    )
    assert [row.key for row in tests] == [test.key for test in source.tests]
    assert tests[0].input_data == {
        "call": "day_total",
        "args": [18250, 9940],
        "kwargs": {},
        "kinds": [],
        "values": ["18250", "9940"],
    }
    assert tests[0].expected_output == {"value": 28190}
    assert tests[0].is_sample
    assert tests[-1].input_data is None  # several statements: only its source says what it does
    hints = await rows(
        db,
        select(Hint.hint_order, Hint.unlock_condition)
        .join(Problem, Problem.version_id == Hint.version_id)
        .where(Problem.slug == "first-day-total")
        .order_by(Hint.hint_order),
    )
    assert [row.hint_order for row in hints] == [1, 2, 3, 4]
    assert hints[0].unlock_condition == {"any": [{"failed_attempts": 1}, {"minutes": 4}]}


async def test_what_is_stored_is_what_was_read(db, folder):
    await load(db, folder)
    source = read_course(folder).sections[0].problems[0]
    stored = await rows(
        db,
        select(ProblemVersion.content)
        .join_from(ProblemVersion, Problem, Problem.version_id == ProblemVersion.id)
        .where(Problem.slug == source.slug),
    )
    assert type(source).from_json(stored[0].content) == source


async def test_the_same_version_with_other_content_takes_its_place(db, folder):
    await load(db, folder)
    before = await problem(db, "first-day-total")
    edit(folder / SECTION / "first-day-total.ipynb", cell="t-week", weight=5, name="A weekend")
    report = await load(db, folder)
    after = await problem(db, "first-day-total")
    assert report.updated == ["first-day-total"]
    assert report.unchanged == ["vat-on-ticket"]
    assert after.version_id == before.version_id
    kept = await rows(
        db,
        select(Case.name, Case.weight).where(
            Case.version_id == after.version_id, Case.key == "t-week"
        ),
    )
    assert kept == [("A weekend", 5)]


async def test_a_new_version_leaves_the_old_one_for_its_attempts(db, folder):
    await load(db, folder)
    before = await problem(db, "first-day-total")
    edit(folder / SECTION / "first-day-total.ipynb", problem={"version": "1.1.0"})
    await load(db, folder)
    after = await problem(db, "first-day-total")
    versions = await rows(
        db,
        select(ProblemVersion.id, ProblemVersion.version)
        .where(ProblemVersion.problem_id == after.id)
        .order_by(ProblemVersion.id),
    )
    assert [row.version for row in versions] == ["1.0.0", "1.1.0"]
    assert (before.version_id, after.version_id) == (versions[0].id, versions[1].id)


async def test_a_renamed_problem_is_still_the_same_problem(db, folder):
    await load(db, folder)
    before = await problem(db, "first-day-total")
    old = folder / SECTION / "first-day-total.ipynb"
    edit(old, problem={"slug": "opening-day"})
    old.rename(old.with_name("opening-day.ipynb"))
    report = await load(db, folder)
    assert (report.added, report.retired) == ([], [])
    assert (await problem(db, "opening-day")).id == before.id
    assert await problem(db, "first-day-total") is None


async def test_two_problems_can_swap_their_names(db, folder):
    await load(db, folder)
    one, two = [await problem(db, slug) for slug in SLUGS]
    paths = [folder / SECTION / f"{slug}.ipynb" for slug in SLUGS]
    edit(paths[0], problem={"slug": SLUGS[1]})
    edit(paths[1], problem={"slug": SLUGS[0]})
    paths[0].rename(folder / SECTION / "aside")
    paths[1].rename(paths[0])
    (folder / SECTION / "aside").rename(paths[1])
    await load(db, folder)
    assert [(await problem(db, slug)).id for slug in SLUGS] == [two.id, one.id]


async def test_a_problem_that_is_gone_is_deprecated_and_may_come_back(db, folder):
    await load(db, folder)
    path = folder / SECTION / "vat-on-ticket.ipynb"
    text_of_it = path.read_text()
    path.unlink()
    assert (await load(db, folder)).retired == ["vat-on-ticket"]
    assert (await problem(db, "vat-on-ticket")).status == "deprecated"
    assert not (await load(db, folder)).changed
    path.write_text(text_of_it)
    assert (await load(db, folder)).updated == ["vat-on-ticket"]
    assert (await problem(db, "vat-on-ticket")).status == "published"


async def test_a_section_that_is_gone_is_retired_with_its_problems(db, folder):
    shutil.copytree(NOTEBOOKS / "08-dates-money", folder / "08-dates-money")
    await load(db, folder)
    shutil.rmtree(folder / "08-dates-money")
    report = await load(db, folder)
    assert report.retired == ["dates-money", "overdue-by-customer"]
    retired = await rows(db, select(Section.slug).where(Section.retired))
    assert retired == [("dates-money",)]


async def test_a_notebook_that_no_longer_reads_keeps_its_last_good_state(db, folder):
    await load(db, folder)
    (folder / SECTION / "vat-on-ticket.ipynb").write_text("{ this is not JSON")
    report = await load(db, folder)
    assert [error.path.name for error in report.errors] == ["vat-on-ticket.ipynb"]
    assert report.retired == []
    assert (await problem(db, "vat-on-ticket")).status == "published"


async def test_a_section_file_that_no_longer_reads_keeps_the_section(db, folder):
    await load(db, folder)
    (folder / SECTION / "section.toml").write_text("name = ")
    report = await load(db, folder)
    assert len(report.errors) == 1
    assert report.retired == []


async def test_a_course_folder_that_is_away_retires_nothing(db, folder, tmp_path):
    await load(db, folder)
    report = await load(db, tmp_path / "nowhere")
    assert "does not exist" in str(report.errors[0])
    assert report.retired == []


async def test_a_problem_whose_statement_shows_a_secret_is_not_given_out(db, folder):
    path = folder / SECTION / "vat-on-ticket.ipynb"
    notebook = json.loads(path.read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["statement"]["source"] += ["\n"] + cells["gen"]["source"] + cells["t-whole"]["source"]
    path.write_text(json.dumps(notebook))
    report = await load(db, folder)
    assert report.added == ["first-day-total"]
    assert "hidden test 't-whole'" in str(report.errors[0])


async def test_two_servers_that_start_at_once_load_the_course_once(db, folder):
    reports = await asyncio.gather(*(load(db, folder) for _ in range(4)))
    assert sorted(len(report.added) for report in reports) == [0, 0, 0, 2]
    assert len(await rows(db, select(Problem.id))) == 2


async def test_nothing_is_kept_when_the_caller_rolls_back(db, folder):
    async def load_and_fail() -> None:
        async with db.transaction() as session:
            await load_course(session, read_course(folder))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await load_and_fail()
    assert await rows(db, select(Problem.id)) == []


async def test_an_empty_course_is_an_error_and_no_loss(db, folder, tmp_path):
    await load(db, folder)
    (tmp_path / "empty").mkdir()
    course = read_course(tmp_path / "empty")
    assert isinstance(course, CourseSource)
    report = await load(db, tmp_path / "empty")
    assert "holds no section" in str(report.errors[0])
    assert report.retired == []
