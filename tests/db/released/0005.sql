insert into user_stats (user_id, attempts, passed, solved, xp, streak_days, longest_streak,
                        active_days, last_active)
    values (1, 2, 1, 1, 30, 1, 1, 1, '2026-01-10');
insert into learner_day (user_id, day, xp) values (1, '2026-01-10', 30);
insert into problem_stats (problem_id, learners, attempts, passed, solved, first_time, unaided)
    values (1, 1, 2, 1, 1, 0, 0);
insert into problem_change (problem_id) values (1);
insert into achievement (id, user_id, achievement_type, metadata) overriding system value
    values (1, 1, 'first_solve', '{"problem": "sum"}');
insert into adaptive_difficulty (id, user_id, current_skill_level, performance_trend,
                                 next_problem_difficulty, confidence_score, ability_mean,
                                 ability_variance, responses, skills, recent)
    overriding system value values (1, 1, 0.55, '{}', 4, 0.2, 0.1, 0.9, 1, '{}', '[]');
insert into adaptive_episode (user_id, problem_id, number, skills, evidence, predicted,
                              ability_mean, ability_variance, item_mean, item_variance,
                              skills_mean, skills_variance, begun_at)
    values (1, 1, 1, '[]', 0.5, 0.6, 0, 1, 0, 1, 0, 1, '2026-01-10 12:00+00');
insert into item_difficulty (problem_id, mean, variance, responses) values (1, 0.1, 0.9, 1);
insert into skill_difficulty (skill, mean, variance, responses) values ('loops', 0.1, 0.9, 1);
create table learning_analytics_2026_01 partition of learning_analytics
    for values from ('2026-01-01 00:00:00+00') to ('2026-02-01 00:00:00+00');
insert into learning_analytics (id, created_at, user_id, problem_id, session_duration, errors_made,
                                help_requests, completion_rate, engagement_level)
    values ('00000000-0000-7000-8000-000000000001', '2026-01-10 12:00:01+00', 1, 1, 60, 1, 2, 0.5,
            'high');
insert into view_refresh (name, refreshed_at, milliseconds)
    values ('user_performance_summary', now(), 5);
