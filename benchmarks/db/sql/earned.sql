-- The points that each counted attempt brought, by the rules of progress/xp.py.
create unlogged table bench.earned as
select id, user_id, problem_id, at, points, status, turn, total,
       total - coalesce(lag(total) over of_pair, 0) as gained
from (
    select id, user_id, problem_id, at, points, status, turn,
           max(case
               when solved_before then null
               when status = 'passed' then
                   (2 * base * (100 - taken) * (case when turn = 1 then 100 + %(first)s else 100 end)
                    + 10000) / 20000
               else (2 * base * best + 2 * max_points) / (4 * max_points)
           end) over so_far as total
    from (
        select *, (%(base)s::int[])[difficulty] as base,
               (%(taken)s::int[])[hints_used + 1] as taken,
               row_number() over so_far as turn,
               coalesce(max(points) over so_far, 0) as best,
               coalesce(bool_or(status = 'passed') over (
                   partition by user_id, problem_id order by at, id
                   rows between unbounded preceding and 1 preceding
               ), false) as solved_before
        from bench.attempt
        where counts
        window so_far as (partition by user_id, problem_id order by at, id)
    ) as counted
    window so_far as (partition by user_id, problem_id order by at, id)
) as summed
window of_pair as (partition by user_id, problem_id order by at, id);
create unique index on bench.earned (id);
analyze bench.earned;
