-- A year of a school: 1,000 learners, 150 problems, 60,000 attempts, in 12 months.
-- Triggers and foreign keys wait for nobody here; each moment is in whole milliseconds, as in ids.
set session_replication_role = replica;
set synchronous_commit = off;
create function pg_temp.moment(n bigint, of bigint) returns timestamptz language sql immutable as
    $$ select date_trunc('milliseconds', now() - interval '11 months' * n / of) $$;
create function pg_temp.id(n bigint, at timestamptz) returns uuid language sql immutable as
    $$ select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
               || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid $$;

insert into app_user (username) select 'learner-' || n from generate_series(1, 1000) n;
insert into section (slug, name, description, order_index, difficulty_level, estimated_hours)
select 'section-' || n, 'Section', '', n, 'beginner', 1 from generate_series(1, 15) n;
insert into problem (uid, slug, section_id, title, description, business_context, starter_code,
    solution_template, difficulty_score, minutes, domain, order_index, status, version_id)
select gen_random_uuid(), 'problem-' || n, 1 + n % 15, 'Problem', '', '', '', '',
       1 + n % 10, 10, 'general', n, 'published', n from generate_series(1, 150) n;
insert into problem_version (problem_id, version, content_sha, content, student_notebook,
    max_points)
select n, '1.0.0', md5(n::text), '{}', '{}', 10
from generate_series(1, 150) n;
insert into test_case (problem_id, version_id, key, name, order_index, source, input_data,
    is_sample, weight)
select 1 + n % 150, 1 + n % 150, 't-' || n, 'Test', n, '', jsonb_build_object(
           'call', 'f', 'args', jsonb_build_array(n), 'kwargs', '{}'::jsonb,
           'kinds', case when n % 250 = 0 then '["empty_list"]' else '[]' end::jsonb,
           'values', jsonb_build_array(n::text)), false, 1
from generate_series(1, 10000) n;

-- `n / 1000 * 7919` spreads a learner's rows over 20 problems and over the year.
insert into problem_attempt (id, submitted_at, user_id, problem_id, version_id, kind,
    code_submission, status, hints_used, points, max_points, test_results, graded_at)
select pg_temp.id(n, at), at, 1 + n % 1000, 1 + n / 1000 * 7919 % 20,
       1 + n / 1000 * 7919 % 20, 'submit', 'print(1)',
       case when n < 20 then null when n % 3 = 0 then 'passed' else 'failed' end, 0, 1, 10, '[]',
       case when n < 20 then null else at end
from generate_series(1, 60000) n, pg_temp.moment(n, 60000) at;
insert into ai_interaction (id, created_at, user_id, problem_id, message_type, user_message,
    context_data, state, source)
select pg_temp.id(n, at), at, 1 + n % 1000, 1 + n / 1000 * 7919 % 20, 'question', '?',
       jsonb_build_object('about', jsonb_build_object('errors', jsonb_build_array(
           case when n % 300 = 0 then 'KeyError' else 'Error' || n % 9 end))), 'complete',
       'built_in'
from generate_series(1, 60000) n, pg_temp.moment(n, 60000) at;
insert into learning_analytics (id, created_at, user_id, problem_id, session_duration, errors_made,
    help_requests, completion_rate, engagement_level)
select id, submitted_at, user_id, problem_id, 60, 1, 0, 0.5, 'low' from problem_attempt
where status is not null;
insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)
select user_id, gen_random_uuid(), id, submitted_at, sha256(id::text::bytea) from problem_attempt
where submitted_at > now() - interval '31 days';
insert into audit_event (created_at, actor_id, learner_id, kind, target, data, streamed)
select at, 1 + n % 1000, 1 + n % 1000, 'attempt.graded', n::text, '{}', true
from generate_series(1, 60000) n, pg_temp.moment(60000 - n, 60000) at;
insert into problem_progress (user_id, problem_id, opened_at, max_points, solved_at)
select u, p, now() - interval '1 year', 10, case when p % 2 = 0 then now() end
from generate_series(1, 1000) u, generate_series(1, 150, 3) p;
insert into user_progress (user_id, section_id, completion_percentage, xp_earned, last_activity)
select u, s, 50, u % 90, now() from generate_series(1, 1000) u, generate_series(1, 15) s;
insert into unlocked_hint (user_id, problem_id, hint_order, opened_at)
select u, p, 1, now() from generate_series(1, 1000) u, generate_series(1, 150, 5) p;
insert into user_profile (user_id, leaderboard_opt_in)
select u, true from generate_series(1, 1000) u;
insert into user_stats (user_id, xp) select u, u * 7919 % 5000 from generate_series(1, 1000) u;
insert into learner_day (user_id, day, xp)
select u, current_date - d, 1 from generate_series(1, 1000) u, generate_series(1, 300, 7) d;
insert into achievement (user_id, achievement_type)
select u, 'type-' || n from generate_series(1, 1000) u, generate_series(1, 5) n;
insert into problem_stats (problem_id, learners, attempts, passed, solved, first_time, unaided)
select p, 1, 1, 1, 1, 1, 1 from generate_series(1, 150) p;
insert into adaptive_episode (user_id, problem_id, number, skills, evidence, predicted,
    ability_mean, ability_variance, item_mean, item_variance, skills_mean, skills_variance, begun_at, calibrated)
select u, p, p, '[]', 0.5, 0.5, 0, 1, 0, 1, 0, 1, now(), true
from generate_series(1, 1000) u, generate_series(2, 150, 10) p;
insert into session (user_id, session_token, label, kind, scopes, expires_at)
select u, sha256(convert_to(u || '-' || n, 'utf8')), 'one', 'cli', '{submit}',
       now() + interval '1 day'
from generate_series(1, 1000) u, generate_series(1, 5) n;
insert into rate_limit (user_id, action, tokens, rate, burst, last_used)
select u, 'action-' || n, 1, 1, 1, now() from generate_series(1, 1000) u, generate_series(1, 5) n;
