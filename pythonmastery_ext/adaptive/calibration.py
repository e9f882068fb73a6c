"""Problems and skills learn from the episodes of learners; by a chore, and in order."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import model
from pythonmastery_ext.adaptive.model import Gaussian
from pythonmastery_ext.adaptive.models import AdaptiveEpisode, ItemDifficulty, SkillDifficulty
from pythonmastery_ext.adaptive.service import OPEN_FOR
from pythonmastery_ext.curriculum.models import Problem

#: Episodes in one transaction.
BATCH = 500
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('pythonmastery.calibration'))")


async def calibrate(db: AsyncSession) -> int:
    """One batch; how many episodes it took. Call it until there are none."""
    await db.execute(ONE_AT_A_TIME)
    episodes = await _settled(db)
    if not episodes:
        return 0
    items = await _items(db, {one.problem_id for one in episodes})
    skills = await _skills(db, {name for one in episodes for name in one.skills})
    tried: dict[Any, int] = {}
    for one in episodes:
        parts = [skills[name] for name in one.skills]
        own = Gaussian(one.ability_mean, one.ability_variance)
        item, parts = model.calibrate(own, items[one.problem_id], parts, one.evidence)
        items[one.problem_id] = item
        skills.update(zip(one.skills, parts, strict=True))
        one.calibrated = True
        for key in (one.problem_id, *one.skills):
            tried[key] = tried.get(key, 0) + 1
    await db.flush()
    await _store(db, ItemDifficulty, "problem_id", items, tried)
    await _store(db, SkillDifficulty, "skill", skills, tried)
    return len(episodes)


async def forget(db: AsyncSession) -> None:
    """Before all episodes are taken once more, for instance after a regrade of many attempts."""
    await db.execute(text("set local statement_timeout = 0"))
    await db.execute(ONE_AT_A_TIME)
    await db.execute(delete(ItemDifficulty))
    await db.execute(delete(SkillDifficulty))
    await db.execute(
        update(AdaptiveEpisode).where(AdaptiveEpisode.calibrated).values(calibrated=False)
    )


async def _settled(db: AsyncSession) -> list[AdaptiveEpisode]:
    """What a verdict holds right now is left for the next time."""
    old = datetime.now(UTC) - OPEN_FOR
    rows = await db.scalars(
        select(AdaptiveEpisode)
        .where(
            ~AdaptiveEpisode.calibrated,
            or_(AdaptiveEpisode.solved_at.is_not(None), AdaptiveEpisode.begun_at < old),
        )
        .order_by(AdaptiveEpisode.begun_at, AdaptiveEpisode.user_id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def _items(db: AsyncSession, problems: set[int]) -> dict[Any, Gaussian]:
    rows = await db.execute(
        select(Problem.id, Problem.difficulty_score, ItemDifficulty.mean, ItemDifficulty.variance)
        .outerjoin(ItemDifficulty, ItemDifficulty.problem_id == Problem.id)
        .where(Problem.id.in_(problems))
    )
    return {
        problem: model.item_prior(author) if mean is None else Gaussian(mean, variance)
        for problem, author, mean, variance in rows
    }


async def _skills(db: AsyncSession, names: set[str]) -> dict[Any, Gaussian]:
    query = select(SkillDifficulty).where(SkillDifficulty.skill.in_(names))
    known = {row.skill: Gaussian(row.mean, row.variance) for row in await db.scalars(query)}
    return {name: known.get(name, model.skill_prior()) for name in names}


async def _store(
    db: AsyncSession,
    table: type[ItemDifficulty | SkillDifficulty],
    key: str,
    states: dict[Any, Gaussian],
    tried: dict[Any, int],
) -> None:
    rows = [
        {key: one, "mean": state.mean, "variance": state.variance, "responses": tried[one]}
        for one, state in sorted(states.items())
    ]
    statement = insert(table).values(rows)
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=[key],
            set_={
                "mean": statement.excluded.mean,
                "variance": statement.excluded.variance,
                "responses": table.responses + statement.excluded.responses,
                "updated_at": func.clock_timestamp(),
            },
        )
    )
