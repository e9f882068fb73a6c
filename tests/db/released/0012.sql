insert into feature (name, enabled, message, amount) values ('tutor', false, 'Until Monday.', 20);
insert into grader_worker (id, host, pid, version, concurrency, state, level)
    values (gen_random_uuid(), 'one', 12, '0.1.0', 2, 'ready', 'full');
