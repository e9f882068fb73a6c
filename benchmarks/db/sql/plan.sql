-- Who works at what, and when: sittings of one learner at one problem, each of a few attempts.

create unlogged table bench.problem as
select problem.id, row_number() over (order by problem.id) as number, problem.version_id,
       problem.section_id, problem.difficulty_score as difficulty, version.max_points,
       regexp_replace(problem.slug, '-[0-9]+$', '') as model
from problem
join problem_version version on version.id = problem.version_id;

create unlogged table bench.learner as
select id, row_number() over (order by id) as number from app_user where username like 'learner-%';

create unlogged table bench.sitting as
select drawn.id, learner.id as user_id, problem.id as problem_id, started, tries, ends_well
from (
    select id, 1 + floor(users * power(random(), 1.3))::bigint as learner,
           1 + floor(problems * random())::bigint as problem,
           first + random() * (now - interval '2 hours' - first) as started,
           1 + floor(-ln(1 - random()) / 0.36)::int as tries, random() < 0.85 as ends_well
    from (
        select *, date_trunc('month', now) - (months - 1) * interval '1 month' as first
        from bench.size
    ) as size, generate_series(1, attempts / 2 + 1) as id
) as drawn
join bench.learner on learner.number = drawn.learner
join bench.problem on problem.number = drawn.problem;

-- The clock of a problem's hints starts when it is first opened.
create unlogged table bench.pair as
select user_id, problem_id, min(started) as opened_at,
       case when random() < 0.3 then 1 + floor(random() * 3)::int else 0 end as hints
from bench.sitting
group by user_id, problem_id;
create unique index on bench.pair (user_id, problem_id);
analyze bench.pair;

create unlogged table bench.turn as
select row_number() over () as id, user_id, problem_id, random() as luck,
       started + number * interval '90 seconds' as about,
       number = tries as is_last, number = tries and ends_well as passes
from bench.sitting, generate_series(1, tries) as number
limit (select attempts from bench.size);

create unlogged table bench.attempt as
select overlay(overlay(replace(gen_random_uuid()::text, '-', '')
           placing lpad(to_hex((extract(epoch from turn.at) * 1000)::bigint), 12, '0') from 1)
           placing '7' from 13)::uuid as id,
       turn.at, turn.user_id, turn.problem_id, problem.version_id, problem.section_id,
       problem.difficulty, turn.luck, outcome.id as outcome, outcome.status, outcome.points,
       outcome.max_points, outcome.counts,
       greatest(0, least(pair.hints,
           floor(extract(epoch from turn.at - pair.opened_at) / 60)))::int as hints_used
from (
    select *, date_trunc('milliseconds', about + luck * interval '60 seconds') as at,
           case when not is_last and luck < 0.3 then 'check' else 'submit' end as kind
    from bench.turn
) as turn
join bench.pair using (user_id, problem_id)
join bench.problem on problem.id = turn.problem_id
join (
    select model, kind, max(number) as failing from bench.outcome group by model, kind
) as variety on variety.model = problem.model and variety.kind = turn.kind
join bench.outcome on outcome.model = problem.model and outcome.kind = turn.kind
     and outcome.number = case
         when turn.passes then 0 else 1 + floor(turn.luck * 997)::int % variety.failing end
order by turn.at;
drop table bench.sitting, bench.turn;
create index on bench.attempt (at);
analyze bench.attempt;
