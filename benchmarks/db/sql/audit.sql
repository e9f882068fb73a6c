-- One month of what the audit log says about attempts.
insert into audit_event (created_at, actor_id, learner_id, kind, target, data, streamed)
select at, actor, user_id, kind, target, data, true
from (
    select attempt.at, user_id as actor, user_id, 'attempt.submitted' as kind,
           attempt.id::text as target,
           jsonb_build_object('problem', problem.slug, 'kind', outcome.kind) as data
    from bench.attempt
    join bench.outcome on outcome.id = attempt.outcome
    join problem on problem.id = attempt.problem_id
    where attempt.at >= %(since)s and attempt.at < %(until)s
    union all
    select at + interval '300 milliseconds', null, user_id, 'attempt.graded', id::text,
           jsonb_build_object('status', status, 'points', points, 'tries', 1)
    from bench.attempt where at >= %(since)s and at < %(until)s
    union all
    select earned.at + interval '300 milliseconds', null, user_id, 'progress.changed', problem.slug,
           jsonb_build_object('xp', gained, 'solved', earned.status = 'passed')
    from bench.earned join problem on problem.id = problem_id
    where earned.at >= %(since)s and earned.at < %(until)s
) as events
order by at;
