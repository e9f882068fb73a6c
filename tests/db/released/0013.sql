insert into data_request (id, user_id, kind, state, due_at) overriding system value
    values (2, 1, 'export', 'ready', now() + interval '7 days');
insert into data_export (request_id, part, user_id, sealed) values (2, 0, 1, '\x01');
