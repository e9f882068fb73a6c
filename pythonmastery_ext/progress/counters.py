"""All counters once more from the attempts, in SQL and without what keeps them verdict by verdict.

Used after a restore, after a regrade, and where a learner has no counters yet. Months of attempts
that were archived away are no reason to forget: what began before the unbroken run of months that
leads to this one keeps its numbers, and XP is the sum of what each attempt was given. `learner` is
null for all of them; which attempts count is what `counting.counts` says.
"""

from datetime import UTC, datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.progress.worked import WORK

#: From here on all attempts are in the table; null if not even those of this month are.
OLDEST_MONTH = text("""
    with months as (
        select to_date(substring(child.relname from '_(\\d{4}_\\d{2})$'), 'YYYY_MM') as month
        from pg_inherits join pg_class child on child.oid = inhrelid
        where inhparent = to_regclass('problem_attempt') and not inhdetachpending
    ), islands as (
        select month, month - make_interval(months => row_number() over (order by month)::int)
            as island from months
    )
    select min(month)::timestamp at time zone 'UTC' from islands group by island
    having max(month) >= date_trunc('month', now() at time zone 'UTC') order by 1 limit 1
""")

PROBLEMS = text("""
    with counted as (
        select *, row_number() over (
            partition by user_id, problem_id order by graded_at, id
        ) as nth
        from problem_attempt
        where kind = 'submit' and status <> 'error'
          and (error_messages ->> 'reason') is distinct from 'syntax_error'
          and (cast(:learner as bigint) is null or user_id = :learner)
    ), summed as (
        select user_id, problem_id,
               min(submitted_at) as opened_at,
               count(*) as submits,
               count(*) filter (where status <> 'passed') as failed,
               max(coalesce(points, 0)) as best_points,
               (array_agg(max_points order by nth desc))[1] as max_points,
               sum(xp_gained) as xp,
               min(graded_at) filter (where status = 'passed') as solved_at,
               min(nth) filter (where status = 'passed') as solved_try,
               (array_agg(submitted_at order by nth) filter (where status = 'passed'))[1] as sent
        from counted group by user_id, problem_id
    )
    insert into problem_progress as held (
        user_id, problem_id, opened_at, submits, failed, best_points, max_points, xp,
        solved_at, solved_try, aided
    )
    select s.user_id, s.problem_id, coalesce(begun.opened_at, s.opened_at), s.submits, s.failed,
           s.best_points, s.max_points, s.xp, s.solved_at, s.solved_try,
           s.solved_at is not null and (
               exists (
                   select from unlocked_hint h
                   where h.user_id = s.user_id and h.problem_id = s.problem_id
                     and h.opened_at <= s.sent
               ) or exists (
                   select from ai_interaction i
                   where i.user_id = s.user_id and i.problem_id = s.problem_id
                     and i.source = 'gemini'
                     and (i.ai_response <> '' or i.state = 'streaming')
                     and i.created_at <= s.sent and i.created_at >=
                         coalesce(begun.opened_at, s.opened_at) - interval '1 minute'
               )
           )
    from summed s
    left join problem_progress begun using (user_id, problem_id)
    where coalesce(begun.opened_at, s.opened_at) >= :since
    on conflict (user_id, problem_id) do update set
        submits = excluded.submits, failed = excluded.failed,
        best_points = excluded.best_points, max_points = excluded.max_points,
        xp = excluded.xp, solved_at = excluded.solved_at,
        solved_try = excluded.solved_try, aided = excluded.aided
""")

UNTRIED = text("""
    update problem_progress at set
        submits = 0, failed = 0, best_points = 0, xp = 0,
        solved_at = null, solved_try = null, aided = false
    where submits > 0 and opened_at >= :since
      and (cast(:learner as bigint) is null or at.user_id = :learner)
      and not exists (
          select from problem_attempt
          where user_id = at.user_id and problem_id = at.problem_id
            and kind = 'submit' and status <> 'error'
          and (error_messages ->> 'reason') is distinct from 'syntax_error'
      )
""")

DAYS = text("""
    with found as (
        select user_id, (submitted_at at time zone 'utc')::date as day, sum(xp_gained) as xp
        from problem_attempt where xp_gained > 0
          and (cast(:learner as bigint) is null or user_id = :learner)
        group by 1, 2
    ), gone as (
        delete from learner_day held
        where day >= cast(cast(:since as timestamptz) at time zone 'utc' as date)
          and (cast(:learner as bigint) is null or held.user_id = :learner)
          and not exists (select from found where (user_id, day) = (held.user_id, held.day))
    )
    insert into learner_day (user_id, day, xp) select user_id, day, xp from found
    on conflict (user_id, day) do update set xp = excluded.xp
""")

LEARNERS = text("""
    with done as (
        select user_id,
               sum(submits) as attempts,
               sum(submits - failed) as passed,
               count(solved_at) as solved,
               count(*) filter (where solved_try = 1) as first_time,
               count(*) filter (where solved_at is not null and not aided) as unaided,
               sum(xp) as xp
        from problem_progress where submits > 0
          and (cast(:learner as bigint) is null or user_id = :learner)
        group by user_id
    ), islands as (
        select user_id, day,
               day - (row_number() over (partition by user_id order by day))::int as island
        from learner_day where (cast(:learner as bigint) is null or user_id = :learner)
    ), runs as (
        select user_id, max(day) as last, count(*) as days from islands group by user_id, island
    ), streaks as (
        select user_id, max(days) as longest, sum(days) as active, max(last) as last,
               (array_agg(days order by last desc))[1] as days
        from runs group by user_id
    ), learners as (
        select user_id from done
        union select user_id from user_stats
          where (cast(:learner as bigint) is null or user_id = :learner)
    )
    insert into user_stats (
        user_id, attempts, passed, solved, first_time, unaided, xp,
        streak_days, longest_streak, active_days, last_active
    )
    select l.user_id, coalesce(attempts, 0), coalesce(passed, 0), coalesce(solved, 0),
           coalesce(first_time, 0), coalesce(unaided, 0), coalesce(xp, 0),
           coalesce(days, 0), coalesce(longest, 0), coalesce(active, 0), last
    from learners l left join done using (user_id) left join streaks using (user_id)
    on conflict (user_id) do update set
        attempts = excluded.attempts, passed = excluded.passed, solved = excluded.solved,
        first_time = excluded.first_time, unaided = excluded.unaided, xp = excluded.xp,
        streak_days = excluded.streak_days, longest_streak = excluded.longest_streak,
        active_days = excluded.active_days, last_active = excluded.last_active
""")

SECTIONS = text("""
    with last as (
        select user_id, section_id, max(graded_at) as graded_at
        from problem_attempt a join problem p on p.id = a.problem_id
        where kind = 'submit' and a.status <> 'error'
          and (error_messages ->> 'reason') is distinct from 'syntax_error'
          and (cast(:learner as bigint) is null or user_id = :learner)
        group by user_id, section_id
    ), mine as (
        select user_id, section_id, sum(at.submits) as submits, sum(at.xp) as xp,
               count(at.solved_at) filter (where p.status = 'published') as solved
        from problem_progress at join problem p on p.id = at.problem_id
        where (cast(:learner as bigint) is null or user_id = :learner) group by user_id, section_id
    ), total as (
        select section_id, nullif(count(*), 0) as problems
        from problem where status = 'published' group by section_id
    )
    insert into user_progress as held (
        user_id, section_id, completion_percentage, xp_earned, streak_days, last_activity
    )
    select user_id, section_id, coalesce(round(100.0 * mine.solved / problems, 2), 0), mine.xp,
           coalesce(stats.longest_streak, 0), last.graded_at
    from mine
    left join total using (section_id)
    left join last using (user_id, section_id)
    left join user_progress kept using (user_id, section_id)
    left join user_stats stats using (user_id)
    where mine.submits > 0 or kept.id is not null
    on conflict (user_id, section_id) do update set
        completion_percentage = excluded.completion_percentage,
        xp_earned = excluded.xp_earned, streak_days = excluded.streak_days,
        last_activity = coalesce(excluded.last_activity, held.last_activity)
""")

#: Readers go on; a verdict that waits too long is given back to the queue.
VERDICTS_WAIT = text("""
    lock table problem_progress, user_progress, user_stats, learner_day
    in share row exclusive mode
""")
ALL_CHANGED = text("insert into problem_change (problem_id) select id from problem")
ROLL_UP_LOCK = text("select pg_advisory_xact_lock(hashtext('pythonmastery.problem_stats'))")
#: What it deletes and what it reads is one snapshot, so no verdict is missed or half counted.
ROLL_UP = text("""
    with taken as (delete from problem_change returning problem_id)
    insert into problem_stats (
        problem_id, learners, attempts, passed, solved, first_time, unaided, updated_at
    )
    select p.id, count(at.user_id), coalesce(sum(submits), 0),
           coalesce(sum(submits - failed), 0), count(solved_at),
           count(*) filter (where solved_try = 1),
           count(*) filter (where solved_at is not null and not aided), clock_timestamp()
    from problem p
    left join problem_progress at on at.problem_id = p.id and at.submits > 0
    where p.id in (select problem_id from taken)
    group by p.id
    on conflict (problem_id) do update set
        learners = excluded.learners, attempts = excluded.attempts, passed = excluded.passed,
        solved = excluded.solved, first_time = excluded.first_time, unaided = excluded.unaided,
        updated_at = excluded.updated_at
""")


async def mend(db: AsyncSession, learner: int) -> None:
    """One learner's days, sums and sections from their progress at the problems."""
    await _run(db, learner, DAYS, LEARNERS, SECTIONS)


async def work(db: AsyncSession, learner: int, problem: int) -> None:
    """One learner's work at a problem, after verdicts were replaced."""
    await _run(db, learner, WORK, problem=problem)


async def mend_all(db: AsyncSession) -> None:
    """Everybody's counters."""
    await db.execute(text("set local statement_timeout = 0"))
    await db.execute(text("set local lock_timeout = 0"))
    await db.execute(VERDICTS_WAIT)
    await _run(db, None, PROBLEMS, UNTRIED, WORK, DAYS, LEARNERS, SECTIONS)
    await db.execute(ALL_CHANGED)
    await roll_up(db)


async def roll_up(db: AsyncSession) -> bool:
    """The statistics of problems with new verdicts; whether there were any."""
    await db.execute(ROLL_UP_LOCK)
    made = await db.execute(ROLL_UP)
    return bool(made.rowcount)  # type: ignore[attr-defined]


async def _run(
    db: AsyncSession, learner: int | None, *statements: TextClause, problem: int | None = None
) -> None:
    since = await db.scalar(OLDEST_MONTH) or datetime.max.replace(tzinfo=UTC)
    for statement in statements:
        names = statement.compile().params
        given = {"learner": learner, "problem": problem, "since": since}
        await db.execute(statement, {name: given[name] for name in names})
