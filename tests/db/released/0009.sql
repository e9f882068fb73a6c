insert into rate_limit (user_id, action, tokens, rate, burst, last_used)
    values (1, 'submit', 5, 0.1, 20, now());
