-- A row in every table of revision 0001, as the release with that schema wrote them.
insert into app_user (id, github_id, username, email, display_name, avatar_url, role)
    overriding system value
    values (1, 42, 'ada', 'ada@example.org', 'Ada', 'https://example.org/a.png', 'student'),
           (2, null, 'eve', null, null, null, 'instructor');
insert into section (id, slug, name, description, order_index, difficulty_level, estimated_hours)
    overriding system value values (1, 'basics', 'Basics', '', 1, 'beginner', 1.5);
insert into problem (id, uid, slug, section_id, title, description, business_context, starter_code,
                     solution_template, difficulty_score, minutes, domain, order_index, status)
    overriding system value
    values (1, '00000000-0000-4000-8000-000000000001', 'sum', 1, 'Sum', '', '', '', 'pass', 3, 5,
            'general', 1, 'published');
insert into problem_version (id, problem_id, version, content_sha, content, student_notebook,
                             max_points)
    overriding system value values (1, 1, '1.0.0', repeat('0', 64), '{"tests": []}', '{}', 10);
update problem set version_id = 1;
insert into test_case (id, problem_id, version_id, key, name, order_index, source, input_data,
                       expected_output, is_sample, weight)
    overriding system value
    values (1, 1, 1, 't', 'T', 1, 'assert f([]) == 0', '{"call": "f", "args": [[]]}',
            '{"value": 0}', true, 1);
insert into hint (id, problem_id, version_id, hint_order, kind, hint_text, unlock_condition)
    overriding system value values (1, 1, 1, 1, 'nudge', 'Look.', '{"minutes": 4}');
insert into unlocked_hint (user_id, problem_id, hint_order) values (1, 1, 1);
create table problem_attempt_2026_01 partition of problem_attempt
    for values from ('2026-01-01 00:00:00+00') to ('2026-02-01 00:00:00+00');
create table ai_interaction_2026_01 partition of ai_interaction
    for values from ('2026-01-01 00:00:00+00') to ('2026-02-01 00:00:00+00');
insert into problem_attempt (id, submitted_at, user_id, problem_id, version_id, kind,
                             code_submission, status, execution_time, memory_usage, test_results,
                             error_messages, points, max_points, xp_gained, tries, graded_at)
    values ('00000000-0000-7000-8000-000000000001', '2026-01-10 12:00+00', 1, 1, 1, 'submit',
            'print(1)', 'failed', 1.5, 1000, '[]', '{"reason": "wrong"}', 0, 10, 0, 1,
            '2026-01-10 12:00:01+00'),
           ('00000000-0000-7000-8000-000000000002', '2026-01-10 12:01+00', 1, 1, 1, 'submit',
            'print(2)', 'passed', 1.5, 1000, '[]', '{}', 10, 10, 30, 1, '2026-01-10 12:01:01+00'),
           ('00000000-0000-7000-8000-000000000003', '2026-01-31 23:59:59.999+00', 2, 1, 1, 'check',
            'print(3)', null, null, null, null, null, null, 10, 0, 0, null);
insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)
    values (1, '00000000-0000-4000-8000-0000000000aa', '00000000-0000-7000-8000-000000000001',
            '2026-01-10 12:00+00', sha256('body'));
insert into user_progress (id, user_id, section_id, completion_percentage, xp_earned, streak_days,
                           last_activity)
    overriding system value values (1, 1, 1, 50, 30, 2, '2026-01-10 12:01:01+00');
insert into problem_progress (user_id, problem_id, opened_at, submits, failed, best_points,
                              max_points, xp, solved_at)
    values (1, 1, '2026-01-10 11:00+00', 2, 1, 10, 10, 30, '2026-01-10 12:01:01+00');
insert into ai_interaction (id, created_at, user_id, problem_id, message_type, user_message,
                            ai_response, context_data, response_quality, processing_time, state,
                            source, model, prompt_version, input_tokens, output_tokens)
    values ('00000000-0000-7000-8000-000000000004', '2026-01-10 12:00:30+00', 1, 1, 'question',
            'Why?', 'Because.', '{"error": "KeyError"}', 5, 900, 'complete', 'gemini', 'm', 'v1',
            10, 20);
insert into audit_event (id, actor_id, learner_id, kind, target, data, streamed)
    overriding system value
    values (1, 1, 1, 'attempt.submitted', '00000000-0000-7000-8000-000000000001',
            '{"kind": "submit"}', true);
insert into procrastinate_jobs (queue_name, task_name, args)
    values ('grading', 'grade', '{"attempt_id": "00000000-0000-7000-8000-000000000003"}');
select setval(pg_get_serial_sequence(name, 'id'), 10)
    from unnest(array['app_user', 'section', 'problem', 'problem_version', 'test_case', 'hint',
                      'user_progress', 'audit_event']) name;
