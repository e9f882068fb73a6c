update audit_event set seq = 1, hash = sha256('first') where id = 1;
