insert into user_profile (user_id, bio, learning_goals, notification_settings)
    values (1, '\x01', '\x02', '{"graded": false}');
insert into session (id, user_id, session_token, label, kind, scopes, expires_at)
    overriding system value
    values (1, 1, sha256('secret'), 'my laptop', 'cli', '{submit}', now() + interval '30 days');
