-- One month of attempts, in the order in which they came.
insert into problem_attempt (
    id, submitted_at, user_id, problem_id, version_id, kind, code_submission, status,
    execution_time, memory_usage, test_results, hints_used, error_messages, points, max_points,
    xp_gained, tries, graded_at
)
select attempt.id, attempt.at, attempt.user_id, attempt.problem_id, version_id, outcome.kind,
       outcome.code || substr(%(remarks)s, 1, (luck * length(%(remarks)s))::int),
       attempt.status, outcome.execution_time + luck, outcome.memory_usage, outcome.tests,
       hints_used, outcome.details, attempt.points, attempt.max_points,
       coalesce(earned.gained, 0), 1, attempt.at + interval '300 milliseconds'
from bench.attempt
join bench.outcome on outcome.id = attempt.outcome
left join bench.earned on earned.id = attempt.id
where attempt.at >= %(since)s and attempt.at < %(until)s
order by attempt.at;
