"""Hot paths find their rows by an index: each statement that the real call sends is explained."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext import worker
from pythonmastery_ext.analytics import classes, learner, matrix, problems
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts import service as attempts
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.attempts.schema import AttemptIn
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.chores import prune_keys
from pythonmastery_ext.curriculum import search as tests_search
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.db import tables
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.grading import queue
from pythonmastery_ext.grading.client import Outcome
from pythonmastery_ext.hints import service as hints
from pythonmastery_ext.privacy.erasing import Eraser
from pythonmastery_ext.privacy.exporting import export
from pythonmastery_ext.privacy.models import DataRequest
from pythonmastery_ext.progress import board, standing
from pythonmastery_ext.tutor import conversation
from pythonmastery_ext.tutor import search as conversations
from pythonmastery_ext.tutor import service as tutor
from pythonmastery_ext.tutor.schema import TutorMessageIn
from pythonmastery_ext.tutor.tutor import Tutor
from tests.conftest import SESSION_DIR, fresh_database
from tests.db import plenty
from tests.db.plenty import LEARNER, PROBLEM, SLUG
from tests.tutor.classroom import settings

#: Rows from which on reading a table from end to end is no plan.
LARGE = 2_000
Call = Callable[[AsyncSession], Awaitable[Any]]
Node = dict[str, Any]
#: A statement, and the nodes of its plan.
Explained = tuple[str, list[Node]]
Who = dict[str, int]
WEB: Who = {"as_learner": LEARNER}
INSTRUCTOR: Who = {"as_instructor": LEARNER}
WORKER: Who = {}
#: Has rows everywhere, until a test erases them.
ERASED = 400
#: A partial index does where its rows are all that anybody looks for.
WITHOUT_INDEX = text("""
    select table_.relname || '.' || person.attname
    from pg_class table_
    join pg_attribute person on person.attrelid = table_.oid
        and person.attname in ('user_id', 'learner_id', 'actor_id')
    where table_.relnamespace = 'public'::regnamespace and table_.relkind in ('r', 'p')
        and not exists (
            select from pg_index where indrelid = table_.oid and indkey[0] = person.attnum
        )
    order by 1
""")
KEYRING = Keyring(KeyFile(SESSION_DIR / "keys.json").keys)


@pytest.fixture(scope="session")
async def school(postgres_url: str, template: str) -> AsyncIterator[Database]:
    """Filled once; whatever is done to it is rolled back."""
    tables.metadata()
    with fresh_database(postgres_url, template) as url:
        await plenty.fill(url)
        db = Database(url)
        yield db
        await db.close()


@contextmanager
def sent() -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its parameters, as the driver gets them."""
    found: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
        if statement.split(maxsplit=1)[0].lower() in {
            "select",
            "insert",
            "update",
            "delete",
            "with",
        }:
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


class Undone(Exception):
    """Ends a transaction whose changes nobody wants."""


async def explain(school: Database, call: Call, who: Who) -> list[Explained]:
    """Each statement with the nodes of its plan, policies and all."""
    found: list[Explained] = []
    try:
        async with school.transaction(**who) as db:
            with sent() as statements:
                await call(db)
            found = await _explained(db, statements)
            raise Undone
    except Undone:
        return found


async def _explained(db: AsyncSession, statements: list[tuple[str, Any]]) -> list[Explained]:
    connection = await db.connection()
    return [
        (statement, list(_nodes(await connection.run_sync(_plan, statement, parameters))))
        for statement, parameters in statements
    ]


def _plan(connection: Connection, statement: str, parameters: Any) -> Node:
    (plan,) = connection.exec_driver_sql(
        f"explain (format json, costs off) {statement}", parameters
    ).scalar()
    return plan["Plan"]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


async def facts(school: Database) -> tuple[set[str], dict[str, str]]:
    """Names of large tables and partitions; name of a partition's index → its parent's."""
    async with school.transaction() as db:
        large = await db.scalars(
            text(
                "select relname from pg_class where relkind = 'r' and reltuples >= :most"
                " and relnamespace = 'public'::regnamespace"
            ),
            {"most": LARGE},
        )
        parents = await db.execute(
            text(
                "select child.relname as child, parent.relname as parent from pg_inherits"
                " join pg_class child on child.oid = inhrelid and child.relkind = 'i'"
                " join pg_class parent on parent.oid = inhparent"
            )
        )
        return set(large), {row.child: row.parent for row in parents}


async def waiting(db: AsyncSession) -> UUID:
    """An attempt of the learner's that has no verdict yet."""
    found = await db.scalar(
        select(ProblemAttempt.id).where(
            ProblemAttempt.user_id == LEARNER, ProblemAttempt.status.is_(None)
        )
    )
    assert found is not None
    return found


async def submit(db: AsyncSession) -> None:
    await attempts.submit(db, LEARNER, SLUG, AttemptIn(key=uuid4(), code="1"), max_waiting=3)


async def grade(db: AsyncSession) -> None:
    begun = await worker._begin(db, await waiting(db))
    assert begun is not None
    outcome = Outcome(status="passed", points=10, tests=[], details={}, execution_time_ms=1.0)
    await worker._finish(db, begun[0], outcome)


async def earlier_page(db: AsyncSession) -> None:
    first = await history.page(db, LEARNER, SLUG, None, 1)
    assert first.before is not None
    await history.page(db, LEARNER, SLUG, UUID(first.before), 1)


async def board_of_learner(db: AsyncSession) -> None:
    found = await board.leaderboard(db, KEYRING, LEARNER)
    assert len(found.places) > board.TOP


async def ask(db: AsyncSession) -> None:
    draft = TutorMessageIn(problem=SLUG, message="Why?")
    await tutor.asking(LEARNER, draft, Tutor(settings()))(db)


async def talk(db: AsyncSession) -> None:
    await conversation.page(db, LEARNER, conversation.Wanted(problem=SLUG), timedelta(minutes=5))


async def holding(db: AsyncSession) -> None:
    found = await tests_search.tests(db, tests_search.Wanted(kinds=("empty_list",)))
    assert found.tests


async def about(db: AsyncSession) -> None:
    wanted = conversations.Wanted(error="KeyError")
    assert (await conversations.conversations(db, wanted, datetime.now(UTC))).found


async def of_problem(db: AsyncSession) -> None:
    await problems.stats(db, SLUG)


async def class_matrix(db: AsyncSession) -> None:
    first = await matrix.matrix(db, "section-8", Ask(sort="name"))
    assert first.after is not None
    assert any(first.learners[0].cells)
    await matrix.matrix(db, "section-8", Ask(sort="name", after=first.after))


async def work_of_learner(db: AsyncSession) -> None:
    assert (await learner.at_work(db, LEARNER)).problems
    tried, more = await learner.attempts(db, LEARNER, None)
    assert more is not None
    assert (await learner.attempts(db, LEARNER, more))[0][0].at < tried[-1].at


async def stuck(db: AsyncSession) -> None:
    await classes.hard(db, Ask(sort="open", descending=True))
    await classes.stuck(db, PROBLEM, Ask(sort="tries", descending=True))


PATHS: list[tuple[str, Call, set[str], Who]] = [
    ("history at a problem", earlier_page, {"idx_user_problem"}, WEB),
    ("the course", lambda db: curriculum.course(db, LEARNER), {"pk_problem_progress"}, WEB),
    (
        "progress",
        lambda db: standing.progress(db, LEARNER),
        {"pk_problem_progress", "uq_user_progress_user_id_section_id"},
        WEB,
    ),
    ("statistics", lambda db: standing.stats(db, LEARNER), {"pk_learner_day"}, WEB),
    ("achievements", lambda db: standing.earned(db, LEARNER), set(), WEB),
    ("the leaderboard", board_of_learner, {"idx_leaderboard"}, WORKER),
    ("a submission", submit, {"idx_waiting"}, WEB),
    ("a verdict", grade, {"pk_problem_attempt"}, WORKER),
    ("the hints", lambda db: hints.hints(db, LEARNER, SLUG), {"idx_user_problem"}, WEB),
    ("a question to the tutor", ask, {"idx_user_time"}, WEB),
    ("a conversation", talk, {"idx_user_time"}, WEB),
    (
        "the stream of events",
        lambda db: audit.after(db, LEARNER, 0),
        {"idx_learner_events"},
        WORKER,
    ),
    ("where the stream is", lambda db: audit.newest(db, LEARNER), {"idx_learner_events"}, WORKER),
    (
        "attempts without a job",
        lambda db: queue.defer_orphans(db, timedelta(seconds=30)),
        {"idx_status_time"},
        WORKER,
    ),
    ("tests by what they hold", holding, {"ix_test_case_input_data"}, INSTRUCTOR),
    ("conversations about an error", about, {"ix_ai_interaction_context_data"}, INSTRUCTOR),
    (
        "a class",
        class_matrix,
        {"uq_user_progress_user_id_section_id", "pk_problem_progress"},
        INSTRUCTOR,
    ),
    ("one learner's work", work_of_learner, {"idx_user_recent"}, INSTRUCTOR),
    ("who is stuck", stuck, {"idx_problem_learners"}, WORKER),
    ("statistics of a problem", of_problem, {"idx_problem_analytics"}, WORKER),
]


@pytest.mark.parametrize(
    ("call", "indexes", "who"), [path[1:] for path in PATHS], ids=[path[0] for path in PATHS]
)
async def test_a_hot_path_reads_no_large_table_from_end_to_end(
    school: Database, call: Call, indexes: set[str], who: Who
):
    await check(school, await explain(school, call, who), indexes)


async def erasure(school: Database, folder: Path) -> None:
    async with school.transaction() as db:
        request = DataRequest(
            user_id=ERASED, kind="erase", state="cooling", due_at=datetime.now(UTC)
        )
        db.add(request)
    await Eraser(school, KEYRING, folder).carry_out(request.id)


async def a_copy(school: Database, folder: Path) -> None:
    await export(school, KEYRING, LEARNER, folder / "copy.zip")


async def pruning(school: Database, _folder: Path) -> None:
    await prune_keys(school)


@pytest.mark.parametrize("work", [a_copy, erasure, pruning])
async def test_work_in_the_background_finds_its_rows_by_an_index(
    school: Database, work: Callable[[Database, Path], Awaitable[None]], tmp_path: Path
):
    with sent() as statements:
        await work(school, tmp_path)
    async with school.transaction() as db:
        await check(school, await _explained(db, statements), set())


async def check(school: Database, explained: list[Explained], indexes: set[str]) -> None:
    large, parents = await facts(school)
    used = set()
    for statement, nodes in explained:
        read = [n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"]
        assert not large.intersection(read), f"{statement}\n{json.dumps(nodes[0], indent=1)}"
        found = [node["Index Name"] for node in nodes if "Index Name" in node]
        used |= {parents.get(name, name) for name in found}
    assert indexes <= used


async def test_whatever_names_a_person_begins_an_index(db: Database):
    """So that an erasure, an export and a foreign key find the rows of one person."""
    async with db.transaction() as session:
        assert list(await session.scalars(WITHOUT_INDEX)) == []
