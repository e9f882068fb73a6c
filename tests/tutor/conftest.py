"""Gemini's counterpart on loopback, and clients that talk to it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.tutor.gemini import GeminiClient
from pythonmastery_ext.tutor.tutor import Tutor
from tests.counterparts.gemini import Counterpart
from tests.tutor.classroom import Classroom, make, settings

Connect = Callable[..., GeminiClient]
MakeTutor = Callable[..., Tutor]


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


@pytest.fixture
async def room(db: Database) -> Classroom:
    return await make(db)


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
