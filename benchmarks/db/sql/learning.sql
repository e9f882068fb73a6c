-- What verdicts leave beside the counters: achievements, and what the skill model and the analytics keep; the numbers are likely ones, not the model's own.

insert into achievement (user_id, achievement_type, earned_at, metadata)
select user_id, 'first_solve', min(solved_at), '{}' from problem_progress
where solved_at is not null
group by user_id;

insert into adaptive_difficulty (
    user_id, current_skill_level, performance_trend, next_problem_difficulty, confidence_score,
    ability_mean, ability_variance, responses, skills, recent
)
select user_id, 0.5, '{"window": 20, "observed": 0.6, "expected": 0.55, "z": 0.4, "direction": "steady"}',
       5, 0.8, 0.1, 0.2, count(*), '{"loops": [0.1, 0.3, 12], "money": [0.2, 0.4, 20]}',
       '[[1.0, 0.6], [0.4, 0.5], [1.0, 0.7], [0.0, 0.4]]'
from problem_progress
where submits > 0
group by user_id;

insert into adaptive_episode (
    user_id, problem_id, number, skills, evidence, predicted, ability_mean, ability_variance,
    item_mean, item_variance, skills_mean, skills_variance, begun_at, solved_at, calibrated
)
select user_id, problem_id, row_number() over (partition by user_id order by opened_at),
       '["loops", "money"]', case when solved_at is null then 0.3 else 0.9 end, 0.55, 0.1, 0.2,
       0.2, 0.3, 0.1, 0.2, opened_at, solved_at, true
from problem_progress
where submits > 0;

insert into item_difficulty (problem_id, mean, variance, responses)
select problem_id, 0.2, 0.3, count(*) from problem_progress where submits > 0
group by problem_id;

insert into skill_difficulty (skill, mean, variance, responses)
values ('loops', 0.1, 0.2, 1000), ('money', 0.2, 0.2, 1000);
