"""All that a verdict has to know, in one statement under the learner's lock."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive.replay import Kept
from pythonmastery_ext.attempts.models import ProblemAttempt
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.db.direct import rows
from pythonmastery_ext.db.statement import Statement
from pythonmastery_ext.progress.counting import At, Place, Sums
from pythonmastery_ext.progress.worked import Work


@dataclass(frozen=True)
class Found:
    #: The status, if the attempt has its verdict already.
    status: str | None
    #: The database's clock; `graded_at` of the verdict.
    moment: datetime
    place: Place
    #: None for a learner of a release that kept none.
    at: At | None
    work: Work | None
    #: None before the first submission that counts.
    sums: Sums | None
    model: Kept | None
    #: b of the problem, mean and variance; None: only its author has said something.
    item: tuple[float, float] | None
    #: Skill → mean and variance of c, where it is known.
    skills: dict[str, Any]
    achievements: frozenset[str]
    #: Unlocked at this problem.
    hints: int
    #: To the tutor about it; None: never counted.
    questions: int | None


def _columns(table: str, shape: type[Any]) -> str:
    return ", ".join(f"{table}.{field.name}" for field in fields(shape))


#: Of each part the first column is never null, so that it tells whether there is a row.
PARTS = (("at", At), ("at", Work), ("sums", Sums), ("model", Kept))
COLUMNS = ", ".join(_columns(*part) for part in PARTS)
LOOK = Statement(
    """
    select attempt.status, clock_timestamp(), p.id, p.slug, p.difficulty_score, s.id, s.slug,
           COLUMNS,
           item.mean, item.variance,
           (select jsonb_object_agg(c.skill, jsonb_build_array(c.mean, c.variance))
            from skill_difficulty c where c.skill = any(cast(:skills as text[]))),
           array(select achievement_type from achievement a where a.user_id = attempt.user_id),
           (select count(*) from unlocked_hint hint
            where hint.user_id = attempt.user_id and hint.problem_id = p.id),
           at.questions
    from problem_attempt attempt
    join problem p on p.id = attempt.problem_id
    join section s on s.id = p.section_id
    left join problem_progress at on at.user_id = attempt.user_id and at.problem_id = p.id
    left join user_stats sums on sums.user_id = attempt.user_id
    left join adaptive_difficulty model on model.user_id = attempt.user_id
    left join item_difficulty item on item.problem_id = p.id
    where attempt.id = :attempt and attempt.submitted_at = :sent
""".replace("COLUMNS", COLUMNS)
)


async def look(db: AsyncSession, attempt: ProblemAttempt, content: ProblemContent) -> Found | None:
    """None if the attempt is there no more."""
    given = {
        "attempt": attempt.id,
        "sent": attempt.submitted_at,
        "skills": list(dict.fromkeys([*content.teaches, *content.practises])),
    }
    found = await rows(db, LOOK, given)
    if not found:
        return None
    values = iter(found[0])
    status, moment = next(values), next(values)
    place = Place(*(next(values) for _ in range(5)))
    at, work, sums, kept = (_part(shape, values) for _, shape in PARTS)
    mean, variance, skills, achievements, hints, questions = values
    item = None if mean is None else (mean, variance)
    return Found(
        status=status,
        moment=moment,
        place=place,
        at=at,
        work=work,
        sums=sums,
        model=kept,
        item=item,
        skills=skills or {},
        achievements=frozenset(achievements),
        hints=hints,
        questions=questions,
    )


def _part(shape: type[Any], values: Iterator[Any]) -> Any:
    found = [next(values) for _ in fields(shape)]
    return None if found[0] is None else shape(*found)
