insert into regrade (id, selection, dry, total) overriding system value
    values (1, '{"problem": "sum"}', false, 1);
insert into regrade_item (regrade_id, attempt_id, submitted_at, user_id, version_id, state, before)
    values (1, '00000000-0000-7000-8000-000000000001', '2026-01-10 12:00+00', 1, 1, 'changed',
            '{"status": "partial"}');
