-- One month of analytics: a row for each counted submission.
insert into learning_analytics (
    id, created_at, user_id, problem_id, session_duration, errors_made, help_requests,
    completion_rate, code_quality_score, engagement_level
)
select earned.id, earned.at + interval '300 milliseconds', user_id, problem_id,
       least(36000, extract(epoch from earned.at - pair.opened_at))::int, turn - 1, pair.hints,
       round(earned.points::numeric / problem.max_points, 4),
       case when earned.status = 'passed' then 60 + turn %% 40 end,
       (array['low', 'medium', 'high'])[1 + turn %% 3]
from bench.earned
join bench.pair using (user_id, problem_id)
join bench.problem on problem.id = problem_id
where earned.at >= %(since)s and earned.at < %(until)s
order by earned.at;
