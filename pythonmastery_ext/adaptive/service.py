"""Keeps the skill model true: learners in the verdict's transaction, problems once a minute.

A learner's state is the filter run over their episodes in order, each with its evidence as it is
known now. Problems and skills learn from an episode once, when it is solved or a day old: one row
of a problem must not be what a whole class waits for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import model
from pythonmastery_ext.adaptive.model import Gaussian, Learner, Skill, Task
from pythonmastery_ext.adaptive.models import AdaptiveDifficulty, AdaptiveEpisode
from pythonmastery_ext.adaptive.replay import Kept, NewEpisode, Trace, task_of
from pythonmastery_ext.adaptive.schema import SkillOut
from pythonmastery_ext.db.cache import Cache, invalidate
from pythonmastery_ext.progress.models import ProblemProgress

#: By the learner's id.
SKILL: Cache[int, SkillOut] = Cache("skill state", most=5000, seconds=600)
#: An episode that was not solved by then has failed, as far as the problem is concerned.
OPEN_FOR = timedelta(days=1)

#: A problem's concepts, or its section where it names none; and b and each c as they are now.
TASK = text("""
    with task as (
        select p.id, p.difficulty_score,
               coalesce(
                   nullif(coalesce(v.content -> 'teaches', '[]')
                          || coalesce(v.content -> 'practises', '[]'), '[]'),
                   jsonb_build_array(s.slug)
               ) as skills
        from problem p
        join section s on s.id = p.section_id
        join problem_version v on v.id = :version
        where p.id = :problem
    )
    select task.difficulty_score, task.skills, i.mean, i.variance,
           (select jsonb_object_agg(c.skill, jsonb_build_array(c.mean, c.variance))
            from skill_difficulty c where task.skills ? c.skill) as known
    from task left join item_difficulty i on i.problem_id = task.id
""")

#: Of each problem that the learner submitted: the first submission that counts, and the help that
#: was used for the one that solved it.
FACTS = text("""
    select problem_id,
           min(graded_at) as begun_at,
           (array_agg(version_id order by graded_at, id))[1] as version_id,
           (array_agg(hints_used order by graded_at, id) filter (where status = 'passed'))[1]
               as hints,
           min(graded_at) filter (where status = 'passed') as solved_at
    from problem_attempt
    where user_id = :learner and kind = 'submit' and status <> 'error'
      and (error_messages ->> 'reason') is distinct from 'syntax_error'
    group by problem_id
""")


class Submission(Protocol):
    """One that counts, with its verdict."""

    @property
    def user_id(self) -> int: ...
    @property
    def problem_id(self) -> int: ...
    @property
    def hints_used(self) -> int: ...
    @property
    def graded_at(self) -> datetime: ...


class At(Protocol):
    """Columns of ProblemProgress, with the submission counted."""

    submits: int
    solved_at: datetime | None
    solved_try: int | None


@dataclass(frozen=True)
class Learned:
    """What a submission changes of the model; its row is for the caller to write."""

    #: Of AdaptiveDifficulty.
    columns: dict[str, Any]
    #: To be written, if it is a first submission.
    episode: NewEpisode | None = None


class NoEpisode(Exception):
    """Begun before there was a model; so may others of this learner have been: recount them."""


async def take(
    db: AsyncSession,
    attempt: Submission,
    at: At,
    kept: Kept | None,
    task: Task,
    *,
    solved: bool,
) -> Learned | None:
    """Takes a submission that counts into the model; None if it changes nothing.

    A first submission is an episode; one that solves the problem later revises its evidence.
    Raises NoEpisode.
    """
    trace = Trace.of(kept)
    if at.submits == 1:
        evidence = model.evidence(at.solved_try, attempt.hints_used)
        begun = _begun(attempt.problem_id, task, evidence, attempt.graded_at, at.solved_at)
        trace.take(begun, new=True)
        return Learned(trace.columns(task), begun)
    if not solved:
        return None
    episodes = await _since(db, attempt)
    if not episodes:
        raise NoEpisode
    first = episodes[0]
    first.evidence = model.evidence(at.solved_try, attempt.hints_used)
    first.solved_at = at.solved_at
    if not trace.back_to(first.number):
        trace, episodes = Trace(), list(await db.scalars(_all(attempt.user_id)))
    for episode in episodes:
        trace.take(episode, new=False)
    return Learned(trace.columns(task_of(episodes[-1])))


async def _since(db: AsyncSession, attempt: Submission) -> list[AdaptiveEpisode]:
    """From the one of this problem on."""
    number = select(AdaptiveEpisode.number).where(
        AdaptiveEpisode.user_id == attempt.user_id,
        AdaptiveEpisode.problem_id == attempt.problem_id,
    )
    query = _all(attempt.user_id).where(AdaptiveEpisode.number >= number.scalar_subquery())
    return list(await db.scalars(query))


def _all(learner: int) -> Select[AdaptiveEpisode]:
    return (
        select(AdaptiveEpisode)
        .where(AdaptiveEpisode.user_id == learner)
        .order_by(AdaptiveEpisode.number)
    )


def task(
    author: int, item: tuple[float, float] | None, known: Mapping[str, Any], skills: Sequence[str]
) -> Task:
    """A problem as the model meets it now; `known`: mean and variance of the skills' c."""
    parts = [Gaussian(*known[name]) if name in known else model.skill_prior() for name in skills]
    b = model.item_prior(author) if item is None else Gaussian(*item)
    return Task(b, model.mean_of(parts), skills)


async def recount(db: AsyncSession, learner: int) -> None:
    """From the learner's progress and attempts; b and c stay as each episode met them."""
    facts = {row.problem_id: row for row in await db.execute(FACTS, {"learner": learner})}
    query = select(AdaptiveEpisode).where(AdaptiveEpisode.user_id == learner)
    known = {one.problem_id: one for one in await db.scalars(query)}
    tried = select(ProblemProgress).where(
        ProblemProgress.user_id == learner, ProblemProgress.submits > 0
    )
    episodes, new = [], set()
    for at in await db.scalars(tried.execution_options(populate_existing=True)):
        fact, episode = facts.get(at.problem_id), known.pop(at.problem_id, None)
        evidence = model.evidence(at.solved_try, (fact.hints or 0) if fact else 0)
        if fact is not None and episode is None:
            met = await task_now(db, at.problem_id, fact.version_id)
            begun = _begun(at.problem_id, met, evidence, fact.begun_at, at.solved_at)
            episode = AdaptiveEpisode(user_id=learner, **asdict(begun))
            new.add(at.problem_id)
        elif fact is not None and episode is not None and fact.solved_at == at.solved_at:
            # Otherwise the one that solved it is archived, with the help that it had.
            episode.evidence, episode.solved_at = evidence, at.solved_at
        if episode is not None:
            episodes.append(episode)
    for untried in known.values():
        await db.delete(untried)
    episodes.sort(key=lambda one: (one.begun_at, one.problem_id))
    await _replay(db, learner, episodes, new=frozenset(new))


async def _replay(
    db: AsyncSession, learner: int, episodes: Sequence[AdaptiveEpisode], *, new: frozenset[int]
) -> None:
    trace = Trace()
    for episode in episodes:
        trace.take(episode, new=episode.problem_id in new)
    db.add_all(episodes)
    await invalidate(db, SKILL.name, learner)
    if not episodes:
        await db.execute(delete(AdaptiveDifficulty).where(AdaptiveDifficulty.user_id == learner))
        return
    row = await _row(db, learner) or AdaptiveDifficulty(user_id=learner)
    for name, value in trace.columns(task_of(episodes[-1])).items():
        setattr(row, name, value)
    row.last_updated = func.clock_timestamp()
    db.add(row)
    await db.flush()


def _begun(
    problem: int, task: Task, evidence: float, begun_at: datetime, solved_at: datetime | None
) -> NewEpisode:
    return NewEpisode(
        problem_id=problem,
        skills=list(task.skills),
        evidence=evidence,
        item_mean=task.item.mean,
        item_variance=task.item.variance,
        skills_mean=task.difficulty.mean,
        skills_variance=task.difficulty.variance,
        begun_at=begun_at,
        solved_at=solved_at,
    )


async def task_now(db: AsyncSession, problem: int, version: int) -> Task:
    row = (await db.execute(TASK, {"problem": problem, "version": version})).one()
    item = None if row.mean is None else (row.mean, row.variance)
    return task(row.difficulty_score, item, row.known or {}, list(dict.fromkeys(row.skills)))


async def _row(db: AsyncSession, learner: int) -> AdaptiveDifficulty | None:
    query = select(AdaptiveDifficulty).where(AdaptiveDifficulty.user_id == learner)
    return await db.scalar(query.execution_options(populate_existing=True))


def learner_of(row: AdaptiveDifficulty | None) -> Learner:
    if row is None:
        return Learner.new()
    return Learner(
        Gaussian(row.ability_mean, row.ability_variance),
        row.responses,
        {name: Skill(*values) for name, values in row.skills.items()},
    )
