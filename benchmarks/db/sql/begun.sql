-- Who has opened which problem when; the counters are made of the attempts by the product's own
-- recount.
insert into problem_progress (user_id, problem_id, opened_at, max_points, questions)
select pair.user_id, pair.problem_id, pair.opened_at, problem.max_points, coalesce(asked.number, 0)
from bench.pair
join bench.problem on problem.id = pair.problem_id
left join (
    select user_id, problem_id, count(*) as number from bench.chat group by 1, 2
) as asked on (asked.user_id, asked.problem_id) = (pair.user_id, pair.problem_id);

-- Two of three have joined the leaderboard.
insert into user_profile (user_id, leaderboard_opt_in)
select id, id % 3 > 0 from app_user;
