update app_user set email_sealed = '\x01', email_blind = '\x02', display_name_sealed = '\x03'
    where id = 2;
insert into data_request (id, user_id, kind, state, due_at) overriding system value
    values (1, 1, 'erase', 'cooling', now() + interval '7 days');
insert into ai_consent (id, user_id, version, agreed) overriding system value
    values (1, 1, '1', true);
