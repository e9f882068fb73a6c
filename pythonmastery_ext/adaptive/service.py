"""Keeps the skill model true: learners in the verdict's transaction, problems once a minute.

A learner's state is the filter run over their episodes in order, each with its evidence as it is
known now. Problems and skills learn from an episode once, when it is solved or a day old: one row
of a problem must not be what a whole class waits for.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.adaptive import model, readings
from pythonmastery_ext.adaptive.model import Gaussian, Learner, Skill, Task
from pythonmastery_ext.adaptive.models import AdaptiveDifficulty, AdaptiveEpisode
from pythonmastery_ext.adaptive.schema import SkillOut
from pythonmastery_ext.attempts.models import ProblemAttempt
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
               as hints
    from problem_attempt
    where user_id = :learner and kind = 'submit' and status <> 'error'
      and (error_messages ->> 'reason') is distinct from 'syntax_error'
    group by problem_id
""")


async def record(
    db: AsyncSession, attempt: ProblemAttempt, at: ProblemProgress, *, solved: bool
) -> bool:
    """Takes a submission that counts into the model; whether it changed anything.

    A first submission is an episode; one that solves the problem later revises its evidence.
    """
    if at.submits == 1:
        await _begin(db, attempt, at)
        return True
    if solved:
        await _revise(db, attempt, at)
    return solved


async def _begin(db: AsyncSession, attempt: ProblemAttempt, at: ProblemProgress) -> None:
    row = await _row(db, attempt.user_id)
    task = await _task(db, attempt.problem_id, attempt.version_id)
    before = learner_of(row)
    episode = _episode(attempt.user_id, attempt.problem_id, task, attempt.graded_at)
    episode.evidence = model.evidence(at.solved_try, attempt.hints_used)
    episode.solved_at = at.solved_at
    after = _learn(before, episode, new=True)
    db.add(episode)
    recent = [*(row.recent if row else []), [episode.evidence, episode.predicted]]
    await _save(db, attempt.user_id, row, after, _task_of(episode), recent)


async def _revise(db: AsyncSession, attempt: ProblemAttempt, at: ProblemProgress) -> None:
    episodes = list(
        await db.scalars(
            select(AdaptiveEpisode)
            .where(AdaptiveEpisode.user_id == attempt.user_id)
            .order_by(AdaptiveEpisode.number)
        )
    )
    episode = next((one for one in episodes if one.problem_id == attempt.problem_id), None)
    if episode is None:
        # Begun before there was a model; so may others of this learner have been.
        await recount(db, attempt.user_id)
        return
    episode.evidence = model.evidence(at.solved_try, attempt.hints_used)
    episode.solved_at = at.solved_at
    await _replay(db, attempt.user_id, episodes, new=frozenset())


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
        if fact is not None and episode is None:
            task = await _task(db, at.problem_id, fact.version_id)
            episode = _episode(learner, at.problem_id, task, fact.begun_at)
            new.add(at.problem_id)
        if fact is not None and episode is not None:
            episode.evidence = model.evidence(at.solved_try, fact.hints or 0)
            episode.solved_at = at.solved_at
        if episode is not None:
            episodes.append(episode)
    for untried in known.values():
        await db.delete(untried)
    episodes.sort(key=lambda one: (one.begun_at, one.problem_id))
    await _replay(db, learner, episodes, new=frozenset(new))


async def _replay(
    db: AsyncSession, learner: int, episodes: Sequence[AdaptiveEpisode], *, new: frozenset[int]
) -> None:
    state = Learner.new()
    for episode in episodes:
        state = _learn(state, episode, new=episode.problem_id in new)
    db.add_all(episodes)
    if not episodes:
        await invalidate(db, SKILL.name, learner)
        await db.execute(delete(AdaptiveDifficulty).where(AdaptiveDifficulty.user_id == learner))
        return
    recent = [[episode.evidence, episode.predicted] for episode in episodes]
    await _save(db, learner, await _row(db, learner), state, _task_of(episodes[-1]), recent)


def _learn(before: Learner, episode: AdaptiveEpisode, *, new: bool) -> Learner:
    """What was expected is written down once: it was said before the evidence was known."""
    after, expected = model.learn(before, _task_of(episode), episode.evidence)
    episode.number = after.responses
    if new:
        episode.predicted = expected.chance
        episode.ability_mean = expected.learner.mean
        episode.ability_variance = expected.learner.variance
    return after


def _episode(learner: int, problem: int, task: Task, begun_at: Any) -> AdaptiveEpisode:
    return AdaptiveEpisode(
        user_id=learner,
        problem_id=problem,
        skills=list(task.skills),
        item_mean=task.item.mean,
        item_variance=task.item.variance,
        skills_mean=task.difficulty.mean,
        skills_variance=task.difficulty.variance,
        begun_at=begun_at,
    )


def _task_of(episode: AdaptiveEpisode) -> Task:
    return Task(
        Gaussian(episode.item_mean, episode.item_variance),
        Gaussian(episode.skills_mean, episode.skills_variance),
        episode.skills,
    )


async def _task(db: AsyncSession, problem: int, version: int) -> Task:
    row = (await db.execute(TASK, {"problem": problem, "version": version})).one()
    known = row.known or {}
    skills = list(dict.fromkeys(row.skills))
    parts = [Gaussian(*known[name]) if name in known else model.skill_prior() for name in skills]
    item = (
        model.item_prior(row.difficulty_score)
        if row.mean is None
        else Gaussian(row.mean, row.variance)
    )
    return Task(item, model.mean_of(parts), skills)


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


async def _save(
    db: AsyncSession,
    learner: int,
    row: AdaptiveDifficulty | None,
    state: Learner,
    last: Task,
    recent: Iterable[Any],
) -> None:
    await invalidate(db, SKILL.name, learner)
    if row is None:
        row = AdaptiveDifficulty(user_id=learner)
        db.add(row)
    row.ability_mean, row.ability_variance = state.ability.mean, state.ability.variance
    row.responses = state.responses
    row.skills = {
        name: [skill.mean, skill.variance, skill.touched] for name, skill in state.skills.items()
    }
    row.recent = list(recent)[-readings.WINDOW :]
    row.current_skill_level = round(readings.level(state), 2)
    row.confidence_score = round(readings.confidence(state), 2)
    row.next_problem_difficulty = readings.next_difficulty(state, last)
    row.performance_trend = readings.trend(row.recent).told()
    row.last_updated = func.clock_timestamp()
    await db.flush()
