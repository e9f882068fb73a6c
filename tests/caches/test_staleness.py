"""Nothing that is kept outlives a change: of the same process at once, of another one soon."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.identity import User

from pythonmastery_ext.accounts import profiles
from pythonmastery_ext.accounts.people import PEOPLE
from pythonmastery_ext.accounts.profiles import PROFILES
from pythonmastery_ext.accounts.signing_in import SignIn
from pythonmastery_ext.adaptive import skills
from pythonmastery_ext.adaptive.service import SKILL
from pythonmastery_ext.curriculum import catalog
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.db.cache import Cache
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.identity import Person
from pythonmastery_ext.progress import board, standing
from tests.api.course import make_course
from tests.caches import acts
from tests.caches.conftest import Neighbour, following, until
from tests.conftest import fresh_database
from tests.content.course import edit

FIRST, SECOND, THIRD = "double", "double-again", "double-more"


@dataclass(frozen=True)
class School:
    db: Database
    folder: Path
    url: str
    ada: int
    bob: int

    @property
    def notebook(self) -> Path:
        return self.folder / "01-numbers" / f"{FIRST}.ipynb"

    async def content(self) -> Any:
        async with self.db.transaction(as_learner=self.ada) as db:
            return (await curriculum.opened(db, self.ada, FIRST)).content.title

    async def graded(self) -> Any:
        async with self.db.transaction() as db:
            version = (await catalog.published(db, FIRST)).version.id
            return (await catalog.graded(db, version)).profile

    async def sections(self) -> Any:
        async with self.db.transaction(as_learner=self.ada) as db:
            return [section.name for section in (await curriculum.course(db, self.ada)).sections]

    async def profile(self) -> Any:
        async def read() -> Any:
            async with self.db.transaction(as_learner=self.ada) as db:
                return await profiles.profile(db, acts.KEYRING, self.ada)

        return (await PROFILES.get(self.ada, read)).bio

    async def board(self) -> Any:
        async with self.db.transaction() as db:
            # Of one of the best; the others' neighbours are read anew each time.
            found = await board.leaderboard(db, acts.KEYRING, self.ada)
        return [(place.name, place.xp) for place in found.places]

    async def popular(self) -> Any:
        async with self.db.transaction(as_learner=self.bob) as db:
            return (await standing.popular(db)).problems

    async def progress(self) -> Any:
        async with self.db.transaction(as_learner=self.ada) as db:
            return (await standing.progress(db, self.ada)).solved

    async def skill(self) -> Any:
        async with self.db.transaction(as_learner=self.ada) as db:
            return await skills.skill(db, self.ada)

    async def role(self) -> Any:
        sign_in = SignIn(self.db, acts.KEYRING, lambda user: Person(user.username))
        return (await sign_in.learner(User("ada"))).role

    def course(self) -> tuple[str, ...]:
        return ("load", str(self.folder))

    def new_title(self) -> tuple[str, ...]:
        edit(self.notebook, problem={"title": "Twice as much"})
        return self.course()

    def new_title_of_popular(self) -> tuple[str, ...]:
        edit(self.notebook.with_stem(SECOND), problem={"title": "Twice as much"})
        return self.course()

    def new_name(self) -> tuple[str, ...]:
        file = self.folder / "01-numbers" / "section.toml"
        file.write_text(file.read_text().replace("Numbers", "Sums"))
        return self.course()


@pytest.fixture(scope="session")
async def begun(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database to copy: two joined the leaderboard, and one of them has solved something."""
    folder = make_course(tmp_path_factory.mktemp("course"))
    with fresh_database(postgres_url, template) as url:
        db = Database(url)
        await acts.load(db, str(folder))
        for learner in [await acts.come(db, name) for name in ("ada", "bob")]:
            await acts.join(db, learner)
        await acts.solve_and_sum_up(db, 1, SECOND)
        await db.close()
        yield url.rpartition("/")[2]


@pytest.fixture
async def school(postgres_url: str, begun: str, tmp_path: Path) -> AsyncIterator[School]:
    with fresh_database(postgres_url, begun) as url:
        db = Database(url)
        async with following(db):
            yield School(db, make_course(tmp_path / "course"), url, ada=1, bob=2)
        await db.close()


#: What is kept, how it is read, and what changes it: the name of an act and its arguments.
CASES: list[tuple[Cache[Any, Any], Callable[[School], Awaitable[Any]], Callable[[School], Any]]] = [
    (catalog.PROBLEMS, School.content, School.new_title),
    (catalog.TREE, School.sections, School.new_name),
    (catalog.GRADED, School.graded, lambda school: ("keep_profile", 1)),
    (PROFILES, School.profile, lambda school: ("tell", school.ada, "I like sums.")),
    (board.BOARD, School.board, lambda school: ("solve", school.ada, THIRD)),
    (board.BOARD, School.board, lambda school: ("rename", "ada", "Ada L.")),
    (standing.POPULAR, School.popular, School.new_title_of_popular),
    (standing.POPULAR, School.popular, lambda school: ("solve_and_sum_up", school.bob, THIRD)),
    (standing.STANDING, School.progress, lambda school: ("solve", school.ada, THIRD)),
    (SKILL, School.skill, lambda school: ("solve", school.ada, THIRD)),
    (PEOPLE, School.role, lambda school: ("make_instructor", "ada")),
]
kept = pytest.mark.parametrize(
    ("cache", "read", "change"), CASES, ids=[case[0].name.replace(" ", "-") for case in CASES]
)
Read = Callable[[School], Awaitable[Any]]
Change = Callable[[School], tuple[Any, ...]]


async def is_kept(school: School, cache: Cache[Any, Any], read: Read) -> Any:
    """What is read, the second time without the database."""
    first = await read(school)
    hits = cache.stats().hits
    assert await read(school) == first
    assert cache.stats().hits > hits
    return first


@kept
async def test_a_change_in_another_process_is_read_soon(
    school: School, neighbour: Neighbour, cache: Cache[Any, Any], read: Read, change: Change
):
    before, drops = await is_kept(school, cache, read), cache.stats().drops
    await neighbour.do(school.url, *change(school))
    await until(lambda: cache.stats().drops > drops, seconds=5)
    assert await read(school) != before


@kept
async def test_a_change_in_the_same_process_is_read_at_once(
    school: School, cache: Cache[Any, Any], read: Read, change: Change
):
    before = await is_kept(school, cache, read)
    act, *args = change(school)
    await getattr(acts, act)(school.db, *args)
    assert await read(school) != before


async def test_no_learner_is_served_what_was_kept_for_another(school: School):
    other = replace(school, ada=school.bob)
    await acts.tell(school.db, school.ada, "I like sums.")
    assert (await school.profile(), await other.profile()) == ("I like sums.", None)
    assert (await school.progress(), await other.progress()) == (1, 0)
    assert await school.skill() != await other.skill()
