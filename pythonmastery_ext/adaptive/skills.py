"""A learner's skill state as it is shown to them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import readings, service
from pythonmastery_ext.adaptive.models import AdaptiveDifficulty
from pythonmastery_ext.adaptive.schema import SkillChance, SkillOut, TrendOut


async def skill(db: AsyncSession, learner: int) -> SkillOut:
    return await service.SKILL.get(learner, lambda: _skill(db, learner))


async def _skill(db: AsyncSession, learner: int) -> SkillOut:
    query = select(AdaptiveDifficulty).where(AdaptiveDifficulty.user_id == learner)
    row = await db.scalar(query)
    state = service.learner_of(row)
    chances = {name: readings.skill_chance(state, name) for name in sorted(state.skills)}
    trend = row.performance_trend if row else readings.trend([]).told()
    return SkillOut(
        level=row.current_skill_level if row else round(readings.level(state), 2),
        confidence=row.confidence_score if row else 0.0,
        next_difficulty=(
            row.next_problem_difficulty
            if row
            else readings.next_difficulty(state, readings.ANY_TASK)
        ),
        trend=TrendOut.model_validate(trend),
        problems=state.responses,
        skills=[
            SkillChance(
                skill=name,
                chance=round(found.value, 3),
                low=round(found.low, 3),
                high=round(found.high, 3),
            )
            for name, found in chances.items()
        ],
    )
