"""Which problem next: what was begun, or of the section that is next the one whose chance of being
solved is nearest to the wanted one; after a failure nothing far above what was solved.

The wanted chance is the learner's own choice. Beyond 0.8 problems teach less, and below 0.4 too
many end in giving up; see docs/decisions/0010-learning.md.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import UserProfile
from pythonmastery_ext.adaptive import model, service
from pythonmastery_ext.adaptive.models import AdaptiveDifficulty
from pythonmastery_ext.adaptive.schema import NextOut
from pythonmastery_ext.curriculum import service as curriculum
from pythonmastery_ext.curriculum.models import Problem, ProblemVersion
from pythonmastery_ext.curriculum.schema import ProblemSummary
from pythonmastery_ext.progress.models import ProblemProgress

WANTED: dict[str, float] = {"easier": 0.75, "balanced": model.DEFAULTS.target, "harder": 0.45}
CHOICES: dict[str, str] = {
    "easier": "you asked for easier problems",
    "balanced": "neither too easy nor too hard",
    "harder": "you asked for harder problems",
}
#: After a failure.
STEP, EASY = "at most one step harder than what you have solved", "one of the easiest left"


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
    here = [p for p in course.problems if p.section == first.section]
    offered = [p for p in here if p.state == "new"]
    chances = await _chances(db, service.learner_of(row), offered)
    slug, because = _nearest(offered, chances, told.wanted), CHOICES[preference]
    if await _failed(db, learner, here):
        hardest = max((p.difficulty for p in course.problems if p.state == "solved"), default=0)
        near = within_reach(offered, hardest)
        free, slug = slug, _nearest(near, chances, told.wanted)
        if slug != free:
            easy = max(p.difficulty for p in near) == min(p.difficulty for p in offered)
            because = f"{EASY if easy else STEP}, as one of this section is still open"
    chance = chances[slug]
    why = f"You would solve about {round(10 * chance)} of 10 such problems: {because}."
    return told.model_copy(update={"problem": slug, "chance": round(chance, 3), "why": why})


def _nearest(among: Sequence[ProblemSummary], chances: Mapping[str, float], wanted: float) -> str:
    """Of equally near ones the first of the course."""
    return min((each.slug for each in among), key=lambda slug: abs(chances[slug] - wanted))


def within_reach(offered: Sequence[ProblemSummary], hardest: int) -> list[ProblemSummary]:
    """One step above the hardest that was solved (0: nothing was), or else the easiest there are.

    The model alone goes up after a failure where it takes hard problems for hardly harder.
    """
    most = max(hardest + 1, min(problem.difficulty for problem in offered))
    return [problem for problem in offered if problem.difficulty <= most]


async def _failed(db: AsyncSession, learner: int, problems: Sequence[ProblemSummary]) -> bool:
    """Whether one of them was submitted in vain and is not solved yet."""
    begun = [problem.slug for problem in problems if problem.state == "started"]
    if not begun:
        return False
    query = (
        select(ProblemProgress.problem_id)
        .join(Problem, Problem.id == ProblemProgress.problem_id)
        .where(
            ProblemProgress.user_id == learner, ProblemProgress.failed > 0, Problem.slug.in_(begun)
        )
    )
    return await db.scalar(query.limit(1)) is not None


async def _preference(db: AsyncSession, learner: int) -> str:
    query = select(UserProfile.difficulty_preference).where(UserProfile.user_id == learner)
    return await db.scalar(query) or "balanced"


async def _chances(
    db: AsyncSession, learner: model.Learner, offered: list[ProblemSummary]
) -> dict[str, float]:
    """That this learner solves each, by its slug."""
    rows = await db.execute(
        select(Problem.slug, ProblemVersion.problem_id, ProblemVersion.id)
        .join(ProblemVersion, ProblemVersion.id == Problem.version_id)
        .where(Problem.slug.in_([each.slug for each in offered]))
    )
    chances = {}
    for slug, problem, version in rows:
        task = await service.task_now(db, problem, version)
        chances[slug] = model.predict(learner, task).chance
    return chances
