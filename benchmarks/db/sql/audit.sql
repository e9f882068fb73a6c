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
    select attempt.at + interval '300 milliseconds', null, attempt.user_id, 'attempt.graded',
           attempt.id::text,
           jsonb_build_object('status', attempt.status, 'points', attempt.points, 'tries', 1)
           || case when earned.id is null then '{}' else jsonb_build_object(
               'xp', gained, 'solved', attempt.status = 'passed') end
    from bench.attempt left join bench.earned on earned.id = attempt.id
    where attempt.at >= %(since)s and attempt.at < %(until)s
    order by 1
) as events;
