"""Gemini's counterpart on loopback, and clients that talk to it."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

import pytest

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.tutor.gemini import GeminiClient
from pythonmastery_ext.tutor.tutor import Tutor
from tests.conftest import fresh_database
from tests.counterparts.gemini import Counterpart
from tests.tutor.classroom import Classroom, make, settings

Connect = Callable[..., GeminiClient]
MakeTutor = Callable[..., Tutor]


class Furnished(NamedTuple):
    """A database to be copied, and the two learners in it."""

    name: str
    learner: int
    other: int


@pytest.fixture
async def gemini() -> AsyncIterator[Counterpart]:
    counterpart = Counterpart()
    await counterpart.start()
    yield counterpart
    await counterpart.stop()


@pytest.fixture
async def connect(gemini: Counterpart) -> AsyncIterator[Connect]:
    """Makes clients of the counterpart, which barely wait between tries."""
    made: list[GeminiClient] = []

    def client(model: str, key: str = gemini.key, **options: Any) -> GeminiClient:
        options = {"backoff": 0.01, "deadline_seconds": 20.0, **options}
        made.append(GeminiClient(key, model, gemini.url, **options))
        return made[-1]

    yield client
    for one in made:
        await one.close()


@pytest.fixture(scope="session")
async def furnished(postgres_url: str, template: str) -> AsyncIterator[Furnished]:
    """Reading the whole course takes a second, so the tests' databases are copies."""
    with fresh_database(postgres_url, template) as url:
        db = Database(url)
        made = await make(db)
        await db.close()
        yield Furnished(url.rpartition("/")[2], made.learner, made.other)


@pytest.fixture
def database_url(postgres_url: str, furnished: Furnished) -> Iterator[str]:
    with fresh_database(postgres_url, furnished.name) as url:
        yield url


@pytest.fixture
async def room(db: Database, furnished: Furnished) -> Classroom:
    return Classroom(db, furnished.learner, furnished.other)


@pytest.fixture
async def tutor(gemini: Counterpart) -> AsyncIterator[MakeTutor]:
    """Makes tutors that talk to the counterpart, or, without a model, to nobody."""
    made: list[Tutor] = []

    def one(model: str | None = "good", **fields: Any) -> Tutor:
        if model is not None:
            fields |= {
                "gemini_model": model,
                "gemini_api_key": gemini.key,
                "gemini_base_url": gemini.url,
            }
        made.append(Tutor(settings(**fields)))
        return made[-1]

    yield one
    for each in made:
        await each.close()
