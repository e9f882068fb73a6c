"""Rows as a term leaves them, with names that try to be more than names."""

from tests.panel.office import Office

EVIL = "<img src=x onerror=alert(1)>"
NAMES = ("Ada Lovelace", "Alan Turing", EVIL, "Zoë “Quote” O'Neil", "عائشة")

PEOPLE = """
    insert into app_user (username, display_name, role, created_at)
    select 'student-' || n, (%s::text[])[1 + n %% 5], 'student', now() - n * interval '1 hour'
    from generate_series(1, 120) n on conflict do nothing
"""
SESSIONS = """
    insert into session (user_id, session_token, label, kind, scopes, expires_at, created_at)
    select id, sha256(username::bytea), %s, 'cli', array['submit'], now() + interval '7 days',
           now() - id * interval '1 minute'
    from app_user where username like 'student-%%'
"""
LIMITS = """
    insert into rate_limit (user_id, action, tokens, rate, burst, last_used, used, refused)
    select id, 'submit', 0, 0.1, 60, now(), 100, id %% 3
    from app_user where username like 'student-%%'
"""
REQUESTS = """
    insert into data_request (user_id, kind, state, due_at)
    select id, 'erase', 'cooling', now() + interval '7 days'
    from app_user where username in ('student-1', 'student-2')
    union all
    select id, 'export', 'ready', now() + interval '3 days'
    from app_user where username = 'student-3'
"""
ASKED = """
    insert into audit_event (actor_id, learner_id, kind, target)
    select case username when 'student-1' then user_id end, user_id, 'privacy.erasure.requested',
           'privacy/requests/' || data_request.id
    from data_request join app_user on app_user.id = user_id where data_request.kind = 'erase'
"""
QUESTIONS = """
    insert into ai_interaction (id, created_at, user_id, message_type, user_message, ai_response,
                                state, source, model, input_tokens, output_tokens)
    select gen_random_uuid(), now() - n * interval '20 minutes', id, 'question', 'my secret words',
           'secret answer', case when n %% 7 = 0 then 'blocked' else 'complete' end,
           case when n %% 2 = 0 then 'gemini' else 'built_in' end,
           case when n %% 2 = 0 then 'gemini-flash-latest' end, 900, 120
    from app_user, generate_series(1, 5) n where username like 'student-1%%'
"""


def furnish(office: Office) -> None:
    office.sql(PEOPLE, list(NAMES))
    office.sql(SESSIONS, f"laptop {EVIL}")
    for statement in (LIMITS, REQUESTS, ASKED, QUESTIONS):
        office.sql(statement)
    office.sql("update problem set title = title || %s where slug = 'double-more'", EVIL)
