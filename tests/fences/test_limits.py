"""How often a learner may do what: counted in the database, right to the second."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.config import ConfigError, Settings
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import InvalidFields, TooManyRequests, UnknownLimit
from pythonmastery_ext.identity import Learner
from pythonmastery_ext.limits import service
from pythonmastery_ext.limits.buckets import Limiter
from pythonmastery_ext.limits.models import RateLimit
from tests.db.rows import a_user

#: Three at once, then one in ten seconds.
RATES = {"submit": (6.0, 3), "write": (60.0, 5)}


async def a_learner(db: Database, name: str = "ada") -> Learner:
    async with db.transaction() as session:
        user = await a_user(session, name)
    return Learner(user.id, name, None, "student")


async def bucket(db: Database, action: str = "submit") -> RateLimit:
    async with db.transaction() as session:
        found = await session.scalars(select(RateLimit).where(RateLimit.action == action))
        return found.one()


async def time_passes(db: Database, seconds: float) -> None:
    async with db.transaction() as session:
        earlier = RateLimit.last_used - timedelta(seconds=seconds)
        await session.execute(update(RateLimit).values(last_used=earlier))


async def test_as_many_as_the_burst_and_then_one_each_time_a_token_comes(db):
    limiter, learner = Limiter(db, RATES), await a_learner(db)
    for _ in range(3):
        await limiter.take(learner, ["submit"], None)
    with pytest.raises(TooManyRequests) as refused:
        await limiter.take(learner, ["submit"], None)
    assert refused.value.retry_after in (9, 10)
    assert f"{refused.value.retry_after} seconds" in refused.value.message
    await time_passes(db, refused.value.retry_after)
    await limiter.take(learner, ["submit"], None)
    with pytest.raises(TooManyRequests):
        await limiter.take(learner, ["submit"], None)


@pytest.mark.parametrize(("left", "wait"), [(0.0, 10), (0.5, 5), (0.55, 5), (0.99, 1)])
async def test_the_time_that_is_told_is_rounded_up_and_enough(db, left, wait):
    limiter, learner = Limiter(db, RATES), await a_learner(db)
    await limiter.take(learner, ["submit"], None)
    async with db.transaction() as session:
        # An hour ahead of the clock, so that nothing comes in before the next call.
        await session.execute(update(RateLimit).values(tokens=left))
        await session.execute(text("update rate_limit set last_used = now() + '1 h'"))
    with pytest.raises(TooManyRequests) as refused:
        await limiter.take(learner, ["submit"], None)
    assert refused.value.retry_after == wait
    await time_passes(db, wait)
    await limiter.take(learner, ["submit"], None)


async def test_a_bucket_holds_no_more_than_its_burst(db):
    limiter, learner = Limiter(db, RATES), await a_learner(db)
    await limiter.take(learner, ["submit"], None)
    await time_passes(db, 100_000)
    for _ in range(3):
        await limiter.take(learner, ["submit"], None)
    with pytest.raises(TooManyRequests):
        await limiter.take(learner, ["submit"], None)


async def test_many_at_once_in_many_processes_get_no_more_than_the_burst(db, database_url):
    others = [Database(database_url) for _ in range(3)]
    limiters, learner = [Limiter(other, RATES) for other in others], await a_learner(db)
    answers = await asyncio.gather(
        *(limiters[n % 3].take(learner, ["submit", "write"], None) for n in range(30)),
        return_exceptions=True,
    )
    for other in others:
        await other.close()
    assert answers.count(None) == 3
    assert all(isinstance(answer, TooManyRequests) for answer in answers if answer is not None)
    counted = await bucket(db)
    assert (counted.used, counted.refused) == (3, 27)
    assert counted.first_seen <= counted.last_used == counted.last_refused


async def test_the_same_key_again_is_the_same_act(db):
    limiter, learner, key = Limiter(db, {"submit": (6.0, 3)}), await a_learner(db), uuid4()
    await asyncio.gather(*(limiter.take(learner, ["submit", "write"], key) for _ in range(20)))
    assert (await bucket(db)).tokens > 1.9
    # All of them were writes that somebody had to answer.
    assert (await bucket(db, "write")).used == 20
    for _ in range(2):
        await limiter.take(learner, ["submit", "write"], uuid4())
    with pytest.raises(TooManyRequests):
        await limiter.take(learner, ["submit", "write"], uuid4())


async def test_learners_and_actions_have_buckets_of_their_own(db):
    limiter, ada, bob = Limiter(db, RATES), await a_learner(db), await a_learner(db, "bob")
    for _ in range(3):
        await limiter.take(ada, ["submit"], None)
    await limiter.take(ada, ["write"], None)
    await limiter.take(bob, ["submit"], None)


async def test_a_clock_that_was_set_back_takes_nothing_away(db):
    limiter, learner = Limiter(db, RATES), await a_learner(db)
    await limiter.take(learner, ["submit"], None)
    await time_passes(db, -3600)
    await limiter.take(learner, ["submit"], None)
    await time_passes(db, 10)
    assert (await bucket(db)).tokens == pytest.approx(1, abs=0.01)
    await limiter.take(learner, ["submit"], None)
    assert (await bucket(db)).tokens == pytest.approx(1, abs=0.1)


async def test_a_limit_of_nought_is_none(db):
    limiter, learner = Limiter(db, {"submit": (0.0, 1), "write": (0.0, 1)}), await a_learner(db)
    for _ in range(5):
        await limiter.take(learner, ["submit", "write"], None)
    async with db.transaction() as session:
        assert (await session.scalars(select(RateLimit))).all() == []


async def test_an_admin_sees_page_by_page_and_can_fill_a_bucket(db):
    limiter, learners = Limiter(db, RATES), [await a_learner(db, f"u{n}") for n in range(5)]
    for learner in learners:
        await limiter.take(learner, ["submit", "write"], None)
    again = [limiter.take(learners[2], ["submit"], None) for _ in range(5)]
    assert len([x for x in await asyncio.gather(*again, return_exceptions=True) if x]) == 3
    seen, after = [], ""
    async with db.transaction() as session:
        while True:
            page = await service.page(session, after, 3, refused=False)
            seen += [(limit.username, limit.action) for limit in page.limits]
            if not (after := page.after or ""):
                break
        (only,) = (await service.page(session, "", 3, refused=True)).limits
        assert seen == [(f"u{n}", action) for n in range(5) for action in ("submit", "write")]
        assert (only.username, only.left, only.per_minute, only.burst) == ("u2", 0, 6, 3)
        assert (only.used, only.refused) == (3, 3)
        filled = await service.reset(session, learners[0].id, learners[2].id, "submit")
        assert (filled.left, filled.refused) == (3, 3)
    await limiter.take(learners[2], ["submit"], None)
    async with db.transaction() as session:
        event = (await session.scalars(select(AuditEvent))).one()
    assert (event.kind, event.actor_id, event.learner_id) == (
        "limit.reset",
        learners[0].id,
        learners[2].id,
    )


async def test_what_no_page_gave_and_nobody_has_is_refused(db):
    async with db.transaction() as session:
        for after in ("x", "-1:submit", "9" * 19 + ":a", "1:\0"):
            with pytest.raises(InvalidFields):
                await service.page(session, after, 3, refused=False)
        with pytest.raises(UnknownLimit):
            await service.reset(session, 1, 1, "submit")


async def test_buckets_that_nobody_uses_are_forgotten(db):
    limiter, learner = Limiter(db, RATES), await a_learner(db)
    await limiter.take(learner, ["submit"], None)
    await service.prune(db)
    await bucket(db)
    await time_passes(db, 31 * 86400)
    await service.prune(db)
    async with db.transaction() as session:
        assert (await session.scalars(select(RateLimit))).all() == []


def test_settings_name_a_known_action_and_its_numbers(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONMASTERY_COURSE_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONMASTERY_RATE_LIMITS", "{'submit': (30, 20)}")
    assert Settings().rate_limits == {"submit": (30, 20)}
    for wrong in ("{'fly': (1, 1)}", "{'submit': (-1, 1)}", "{'submit': (1, 0)}", "{'submit': 3}"):
        monkeypatch.setenv("PYTHONMASTERY_RATE_LIMITS", wrong)
        with pytest.raises(ConfigError, match="RATE_LIMITS"):
            Settings()
