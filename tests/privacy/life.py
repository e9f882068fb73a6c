"""A learner with rows in every table that can hold some."""

import json

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.ids import new_id
from tests.db.rows import a_problem

NAME, EMAIL, BIO = "Wilhelmina Quandt", "wilhelmina@example.org", "I keep 14 geckos."
HIDDEN = "expected of a hidden test"
TESTS = [
    {"name": "one", "visible": "hidden", "expected": HIDDEN},
    {"name": "two", "visible": "sample", "expected": "42"},
]

ROWS = """
insert into user_profile (user_id, bio) values (:u, :bio);
insert into session (user_id, session_token, label, kind, scopes, expires_at)
    values (:u, decode(md5('t' || :u) || md5('u' || :u), 'hex'), 'laptop', 'cli', '{submit}',
    now() + interval '1 day');
insert into problem_attempt (id, submitted_at, user_id, problem_id, version_id, kind,
    code_submission, max_points, status, graded_at, test_results)
    values (:attempt, :moment, :u, :p, :v, 'submit', 'print(' || :u || ')', 10, 'failed', now(),
    cast(:tests as jsonb));
insert into submission_key (user_id, key, attempt_id, submitted_at, body_sha)
    values (:u, :attempt, :attempt, :moment, sha256('x'));
insert into problem_progress (user_id, problem_id) values (:u, :p);
insert into user_progress (user_id, section_id) select :u, id from section;
insert into user_stats (user_id) values (:u);
insert into learner_day (user_id, day, xp) values (:u, now(), 5);
insert into unlocked_hint (user_id, problem_id, hint_order) values (:u, :p, 1);
insert into achievement (user_id, achievement_type) values (:u, 'first');
insert into adaptive_difficulty (user_id, current_skill_level, performance_trend,
    next_problem_difficulty, confidence_score, ability_mean, ability_variance, responses, skills,
    recent) values (:u, 0.5, '{}', 3, 0.5, 0, 1, 1, '{}', '[]');
insert into adaptive_episode (user_id, problem_id, number, skills, evidence, predicted,
    ability_mean, ability_variance, item_mean, item_variance, skills_mean, skills_variance,
    begun_at) values (:u, :p, 1, '[]', 0, 0.5, 0, 1, 0, 1, 0, 1, now());
insert into learning_analytics (id, created_at, user_id, problem_id, session_duration,
    errors_made, help_requests, completion_rate, engagement_level)
    values (:attempt, :moment, :u, :p, 60, 1, 0, 0.5, 'low');
insert into ai_interaction (id, created_at, user_id, problem_id, message_type, user_message,
    ai_response, state, source) values (:attempt, :moment, :u, :p, 'question', 'Why, ' || :u,
    'Because.', 'complete', 'built_in');
insert into ai_consent (user_id, version, agreed) values (:u, '1', true);
insert into regrade (selection, dry) values ('{}', false);
insert into regrade_item (regrade_id, attempt_id, submitted_at, user_id, version_id)
    select max(id), :attempt, :moment, :u, :v from regrade;
insert into rate_limit (user_id, action, tokens, rate, burst, last_used)
    values (:u, 'submit', 1, 1, 1, now());
insert into data_request (user_id, kind, state, due_at)
    values (:u, 'export', 'ready', now() + interval '1 day');
insert into data_export (request_id, part, user_id, sealed)
    select max(id), 0, :u, '\\x00' from data_request;
insert into audit_event (actor_id, learner_id, kind, target) values (:u, :u, 'tutor.asked', 'x')
"""


async def a_life(
    db: AsyncSession, keyring: Keyring, username: str, shared: tuple[int, int] | None = None
) -> tuple[User, tuple[int, int]]:
    """The person, and the problem with its version, which may be given."""
    if shared is None:
        version = await a_problem(db)
        shared = version.problem_id, version.id
    user = User(username=username, github_id=abs(hash(username)) % 10**9)
    db.add(user)
    await db.flush()
    user.email_sealed = keyring.seal(EMAIL, table="app_user", column="email_sealed", row=user.id)
    user.email_blind = keyring.blind(EMAIL)
    user.display_name_sealed = keyring.seal(
        NAME, table="app_user", column="display_name_sealed", row=user.id
    )
    await db.flush()
    attempt, moment = new_id()
    values = {
        "u": user.id,
        "p": shared[0],
        "v": shared[1],
        "attempt": attempt,
        "moment": moment,
        "tests": json.dumps(TESTS),
        "bio": keyring.seal(BIO, table="user_profile", column="bio", row=user.id),
    }
    for statement in ROWS.split(";\n"):
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        await db.execute(text(statement), used)
    return user, shared
