"""Finished attempts are graded again: each verdict replaced once, everything counted anew."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO

import psycopg
import pytest
from sqlalchemy import func, select

from pythonmastery_ext import regrade_command
from pythonmastery_ext.attempts import history
from pythonmastery_ext.cli import main, parser_for
from pythonmastery_ext.db.engine import psycopg_dsn
from pythonmastery_ext.regrading import ordering
from pythonmastery_ext.regrading.models import Regrade, RegradeItem
from pythonmastery_ext.regrading.ordering import NothingToRegrade, Selection
from tests.api.client import until
from tests.api.course import PARTLY, RIGHT, SLOW, WRONG
from tests.regrading.conftest import ODD, RIGHT_TEST, School

CODES = (WRONG, RIGHT, PARTLY, ODD, "def double(n)\n", RIGHT + "# again\n")
#: As a course would be that an older release had let through.
BREAK_A_TEST = """
    update problem_version set content = jsonb_set(content, '{tests,2,source}', '"def ("')
"""


def words(school: School, *options: str) -> tuple[list[str], Mapping[str, str]]:
    jobs = () if "--jobs" in options else ("--jobs", "1")
    command = [sys.executable, "-m", "pythonmastery_ext.cli", "regrade", "--json", *jobs, *options]
    environment = {
        **os.environ,
        "PYTHONMASTERY_DATABASE_URL": school.db.url.replace("+psycopg", ""),
        "PYTHONMASTERY_COURSE_DIR": str(school.course),
    }
    return command, environment


async def regrade(school: School, *options: str) -> dict:
    """What the command tells; with the grader that runs, as a new one costs seconds."""
    status, told = await status_and_told(school, *options)
    assert status == 0, told
    return told


async def status_and_told(school: School, *options: str) -> tuple[int, dict]:
    args = parser_for(["regrade"]).parse_args(["regrade", "--json", "--jobs", "1", *options])
    with redirect_stdout(StringIO()) as out:
        selection = regrade_command.selected(args)
        status = await regrade_command.regrade(school.db, school.grading, args, selection)
    return status, json.loads(out.getvalue())


async def regrade_by_command(school: School, *options: str) -> dict:
    """In a process and with a grader of its own."""
    command, environment = words(school, *options)
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_a_regraded_learner_stands_as_if_the_tests_had_been_right(school: School) -> None:
    ada, ben = await school.learner("ada"), await school.learner("ben")
    async with school.working():
        sent = await school.submit(ada, *CODES)
        await school.publish("1.0.1", RIGHT_TEST)
        at_once = await school.submit(ben, *CODES)
    before = await school.standing(ada, sent)

    told = await regrade(school, "--problem", "double", "--graded-by", "1.0.0")

    after = await school.standing(ada, sent)
    assert after == await school.standing(ben, at_once)
    assert after != before
    # Right ones pass now, the odd one does not any more; the others are as they were.
    assert (told["total"], told["changed"], told["same"], told["failed"]) == (6, 3, 3, 0)
    changed = {row["attempt"]: row for row in told["attempts"]}
    assert set(changed) == {str(sent[n]) for n in (1, 3, 5)}
    assert changed[str(sent[1])]["before"]["status"] == "partial"
    assert changed[str(sent[1])]["after"] == {"status": "passed", "points": 6}


async def test_only_changes_are_told_and_the_old_verdict_is_kept(school: School) -> None:
    ada = await school.learner("ada")
    async with school.working():
        wrong, right = await school.submit(ada, WRONG, RIGHT)
    old = await school.attempt(right)
    await school.publish("1.0.1", RIGHT_TEST)

    for _ in range(2):
        await regrade(school, "--problem", "double")

    shown = [event.target for event in await school.events(ada, "attempt.graded")]
    assert sorted(shown) == sorted([str(wrong), str(right), str(right)])
    (audited,) = await school.events(ada, "attempt.regraded")
    assert audited.target == str(right)
    assert (audited.data["before"]["points"], audited.data["after"]["points"]) == (4, 6)
    async with school.db.transaction() as db:
        item = (await db.scalars(select(RegradeItem).where(RegradeItem.state == "changed"))).one()
        assert item.before["tests"] == await history.results(db, old)
    new = await school.attempt(right)
    assert (new.graded_at, new.submitted_at) == (old.graded_at, old.submitted_at)
    assert (await school.attempt(wrong)).version_id == new.version_id != old.version_id


async def test_a_dry_run_tells_and_changes_nothing(school: School) -> None:
    ada = await school.learner("ada")
    async with school.working():
        sent = await school.submit(ada, WRONG, RIGHT)
    before = await school.standing(ada, sent)
    await school.publish("1.0.1", RIGHT_TEST)

    told = await regrade_by_command(school, "--problem", "double", "--dry-run")

    assert (told["dry"], told["changed"], told["same"]) == (True, 1, 1)
    assert await school.standing(ada, sent) == before
    assert await school.events(ada, "attempt.regraded") == []


async def test_attempts_by_id_and_an_older_version_can_be_named(school: School) -> None:
    ada = await school.learner("ada")
    async with school.working():
        first, second = await school.submit(ada, RIGHT, RIGHT + "#\n")
        await school.publish("1.0.1", RIGHT_TEST)

    assert (await regrade(school, "--attempt", str(first)))["total"] == 1
    statuses = [(await school.attempt(one)).status for one in (first, second)]
    assert statuses == ["passed", "partial"]

    told = await regrade(school, "--problem", "double", "--against", "1.0.0")
    assert (told["total"], told["changed"]) == (2, 1)
    statuses = [(await school.attempt(one)).status for one in (first, second)]
    assert statuses == ["partial", "partial"]


async def test_tests_that_cannot_be_used_leave_the_verdict_as_it_was(school: School) -> None:
    ada = await school.learner("ada")
    async with school.working():
        sent = await school.submit(ada, RIGHT)
    before = await school.standing(ada, sent)
    with psycopg.connect(psycopg_dsn(school.db.url), autocommit=True) as connection:
        connection.execute(BREAK_A_TEST)

    status, told = await status_and_told(school, "--problem", "double")

    assert (status, told["failed"]) == (1, 1), told
    assert told["attempts"][0]["reason"]
    assert await school.standing(ada, sent) == before


async def test_a_regrade_killed_half_way_goes_on_and_does_each_once(school: School) -> None:
    ada = await school.learner("ada")
    async with school.working():
        sent = await school.submit(ada, *(SLOW + f"# {n}\n" for n in range(4)))
    await school.publish("1.0.1", RIGHT_TEST)
    command, environment = words(school, "--problem", "double", "--jobs", "1")
    broken = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL)

    async def half_way() -> bool:
        return 1 <= await done_items(school) < 4

    await until(half_way)
    broken.send_signal(signal.SIGKILL)
    await broken.wait()

    told = await regrade_by_command(school, "--problem", "double")

    assert (told["total"], told["changed"]) == (4, 4)
    async with school.db.transaction() as db:
        assert await db.scalar(select(func.count()).select_from(Regrade)) == 1
        assert await db.scalar(select(func.count(Regrade.finished_at))) == 1
    audited = [event.target for event in await school.events(ada, "attempt.regraded")]
    assert sorted(audited) == sorted(map(str, sent))


async def done_items(school: School) -> int:
    async with school.db.transaction() as db:
        query = select(func.count()).where(RegradeItem.state != "waiting")
        return await db.scalar(query) or 0


async def test_jobs_wait_behind_fresh_attempts_and_lost_ones_are_made_again(
    school: School,
) -> None:
    ada = await school.learner("ada")
    async with school.working():
        await school.submit(ada, RIGHT, WRONG)
    jobs = "select priority from procrastinate_jobs where task_name = 'regrade'"
    with psycopg.connect(psycopg_dsn(school.db.url), autocommit=True) as connection:
        for _ in range(2):
            async with school.db.transaction() as db:
                made = await ordering.order(db, Selection(problem="double"), dry=False)
            assert made.total == 2
            assert [row[0] for row in connection.execute(jobs)] == [-10, -10]
        connection.execute("delete from procrastinate_jobs where task_name = 'regrade'")
        async with school.db.transaction() as db:
            again = await ordering.order(db, Selection(problem="double"), dry=False)
        assert again.id == made.id
        assert len(connection.execute(jobs).fetchall()) == 2


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection(problem="nothing"), "There is no problem 'nothing'"),
        (Selection(problem="double", version="9.0.0"), "no version '9.0.0'; there is 1.0.0"),
        (Selection(problem="double", against="9.0.0"), "no version '9.0.0'"),
        (Selection(problem="double"), "No finished attempt fits"),
    ],
)
async def test_a_selection_of_nothing_says_what_is_missing(
    school: School, selection: Selection, reason: str
) -> None:
    with pytest.raises(NothingToRegrade, match=reason):
        async with school.db.transaction() as db:
            await ordering.order(db, selection, dry=False)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--graded-by", "1.0.0"],
        ["--problem", "x", "--attempt", "y"],
        ["--attempt", "y"],
        ["--problem", "double", "--jobs", "0"],
        ["--problem", "unknown"],
    ],
)
def test_half_an_order_ends_with_2_and_a_sentence(
    database_url: str,
    options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PYTHONMASTERY_DATABASE_URL", database_url.replace("+psycopg", ""))

    status = main(["regrade", "--json", *options])

    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.strip().endswith(".")
