insert into audit_seal (number, seq, last_id, hash, marks)
    select 1, 1, max(id), sha256('seal'), '' from audit_event;
