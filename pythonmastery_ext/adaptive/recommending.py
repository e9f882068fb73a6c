"""Which problem next: what was begun, or of the section that is next the one whose chance of being
solved is nearest to the wanted one.

The wanted chance is the learner's own choice. Beyond 0.8 problems teach less, and below 0.4 too
many end in giving up; see docs/decisions/0010-learning.md.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import UserProfile
from pythonmastery_ext.adaptive import model, service
from pythonmastery_ext.adaptive.models import AdaptiveDifficulty
from pythonmastery_ext.adaptive.schema import NextOut
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion
from pythonmastery_ext.curriculum.schema import ProblemSummary

WANTED: dict[str, float] = {"easier": 0.75, "balanced": model.DEFAULTS.target, "harder": 0.45}
CHOICES: dict[str, str] = {
    "easier": "you asked for easier problems",
    "balanced": "neither too easy nor too hard",
    "harder": "you asked for harder problems",
}


async def following(db: AsyncSession, learner: int) -> NextOut:
    course = await curriculum.course(db, learner)
    first = next((each for each in course.problems if each.slug == course.next), None)
    preference = await _preference(db, learner)
    told = NextOut(problem=course.next, preference=preference, wanted=WANTED[preference])
    if first is None or first.state == "started":
        return told.model_copy(update={"why": "You have begun this one." if first else None})
    row = await db.scalar(select(AdaptiveDifficulty).where(AdaptiveDifficulty.user_id == learner))
    if row is None:
        section = next(each.name for each in course.sections if each.slug == first.section)
        return told.model_copy(update={"why": f"The first open problem of “{section}”."})
    offered = [p for p in course.problems if p.section == first.section and p.state == "new"]
    slug, chance = await _nearest(db, service.learner_of(row), offered, told.wanted)
    why = f"You would solve about {round(10 * chance)} of 10 such problems: {CHOICES[preference]}."
    return told.model_copy(update={"problem": slug, "chance": round(chance, 3), "why": why})


async def _preference(db: AsyncSession, learner: int) -> str:
    query = select(UserProfile.difficulty_preference).where(UserProfile.user_id == learner)
    return await db.scalar(query) or "balanced"


async def _nearest(
    db: AsyncSession, learner: model.Learner, offered: list[ProblemSummary], wanted: float
) -> tuple[str, float]:
    """Of equally near ones the first of the course."""
    slugs = [each.slug for each in offered]
    rows = await db.execute(
        select(Problem.slug, ProblemVersion.problem_id, ProblemVersion.id)
        .join(ProblemVersion, ProblemVersion.id == Problem.version_id)
        .where(Problem.slug.in_(slugs))
    )
    chances = {}
    for slug, problem, version in rows:
        task = await service.task_now(db, problem, version)
        chances[slug] = model.predict(learner, task).chance
    best = min(slugs, key=lambda slug: abs(chances[slug] - wanted))
    return best, chances[best]
