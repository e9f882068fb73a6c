-- What goes with the attempts: hints, conversations, keys, and the record of what happened.

insert into unlocked_hint (user_id, problem_id, hint_order, opened_at)
select user_id, problem_id, level, opened_at + level * interval '60 seconds'
from bench.pair, generate_series(1, hints) as level;

create unlogged table bench.chat as
select at + interval '20 seconds' as at, attempt.user_id, attempt.problem_id, attempt.luck,
       outcome.code, outcome.first, row_number() over () as number
from bench.attempt
join bench.outcome on outcome.id = attempt.outcome
where attempt.status <> 'passed' and get_byte(uuid_send(attempt.id), 15) < 20;

insert into ai_interaction (
    id, created_at, user_id, problem_id, message_type, user_message, ai_response, context_data,
    response_quality, processing_time, state, source, model, prompt_version, input_tokens,
    output_tokens
)
select overlay(overlay(replace(gen_random_uuid()::text, '-', '')
           placing lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') from 1)
           placing '7' from 13)::uuid,
       at, user_id, problem_id,
       (array['question', 'hint_request', 'explanation', 'code_review'])[1 + number %% 4],
       substr(%(remarks)s, 1, 40 + (luck * 200)::int), %(answer)s,
       jsonb_build_object('code', code, 'status', 'partial', 'tests', first,
                          'about', jsonb_build_object(
                              'errors', array[(%(errors)s::text[])[1 + number %% 6]],
                              'status', 'partial', 'reason', null)),
       case when number %% 5 = 0 then 1 + number %% 5 end, 1500 + luck * 2000, 'complete',
       case when number %% 3 = 0 then 'built_in' else 'gemini' end, 'bench', '1', 900, 250
from bench.chat
order by at;

insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)
select user_id, gen_random_uuid(), id, at, sha256(id::text::bytea)
from bench.attempt, bench.size
where at > now - interval '30 days';
