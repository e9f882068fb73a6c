"""Where each column of the ERD is, and why where it differs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    erd: str
    table: str
    ours: str
    why: str = ""


@dataclass(frozen=True)
class Entity:
    name: str
    table: str
    columns: tuple[Place, ...]
    why: str = ""


def entity(
    name: str, table: str, columns: str, why: str = "", **changes: str | tuple[str, str]
) -> Entity:
    """`columns` as the ERD names them; `changes`: the reason, or our name and the reason."""
    places = []
    for erd in columns.split():
        change = changes.pop(erd, (erd, ""))
        ours, reason = (erd, change) if isinstance(change, str) else change
        owner, _, column = ours.rpartition(".")
        places.append(Place(erd, owner or table, column, reason))
    if changes:
        raise ValueError(f"{name} has no columns {sorted(changes)}")
    return Entity(name, table, tuple(places), why)


UUID = "a UUIDv7 made by the service: the key of a partitioned table must hold its time too"
TIME = "`timestamp` is the name of a type; the column that the table is partitioned by"
SEALED = "AES-256-GCM; the clear column is emptied and stays for one release"
MILLISECONDS = "milliseconds; `numeric(12,3)`, since a wait may last longer than 99,999 s"

ENTITIES = (
    entity(
        "User",
        "app_user",
        "id github_id username email display_name avatar_url role created_at updated_at",
        "`user` is a word of SQL: `select * from user` gives the current role.",
        email=("email_sealed", f"{SEALED}; `email_blind` finds it"),
        display_name=("display_name_sealed", SEALED),
        github_id="GitHub's number, since logins are renamed and reused",
    ),
    entity(
        "UserProfile",
        "user_profile",
        "user_id bio learning_goals difficulty_preference notification_settings",
        bio="sealed with AES-256-GCM: free text about a person",
        learning_goals="sealed with AES-256-GCM: free text about a person",
    ),
    entity(
        "Section",
        "section",
        "id name description order_index prerequisites difficulty_level estimated_hours",
        prerequisites="slugs of sections, which survive a course that is loaded anew",
    ),
    entity(
        "Problem",
        "problem",
        "id section_id title description business_context starter_code solution_template"
        " difficulty_score test_cases created_at",
        "What an attempt is graded against is in `problem_version`: it must not change under it.",
        test_cases=("test_case.problem_id", "rows of `test_case`, as the ERD has them below"),
    ),
    entity(
        "TestCase",
        "test_case",
        "id problem_id input_data expected_output is_sample weight",
        "Of one version of its problem.",
        input_data="null where a test is more than one call; `source` holds every test",
        expected_output="null where a test is more than one call",
    ),
    entity(
        "Hint",
        "hint",
        "id problem_id hint_text hint_order unlock_condition",
        "Of one version of its problem; `unlocked_hint` says who has opened which.",
    ),
    entity(
        "UserProgress",
        "user_progress",
        "id user_id section_id completion_percentage xp_earned streak_days last_activity",
        streak_days="the learner's longest streak, the same in all their sections",
    ),
    entity(
        "ProblemAttempt",
        "problem_attempt",
        "id user_id problem_id code_submission status execution_time memory_usage test_results"
        " hints_used error_messages submitted_at",
        "Partitioned by month of `submitted_at`.",
        id=UUID,
        status="null while it waits; `error` is our own failure and counts for nothing",
        execution_time=MILLISECONDS,
        memory_usage="`bigint`: two GB do not fit into `integer`",
        test_results="314 bytes as JSONB, 568 as rows of their own",
    ),
    entity(
        "Achievement",
        "achievement",
        "id user_id achievement_type earned_at metadata",
        metadata="`details` in our classes: SQLAlchemy's have a `metadata` of their own",
    ),
    entity(
        "AIInteraction",
        "ai_interaction",
        "id user_id problem_id message_type user_message ai_response context_data response_quality"
        " processing_time timestamp",
        "Partitioned by month of `created_at`.",
        id=UUID,
        ai_response="what was shown; empty until the first words have come",
        processing_time=MILLISECONDS,
        timestamp=("created_at", TIME),
    ),
    entity(
        "Session",
        "session",
        "id user_id session_token expires_at created_at",
        "Tokens of kernel-side and command-line clients; browsers have their hub's.",
        session_token="SHA-256 of 256 random bits: a stolen dump opens nothing",
    ),
    entity(
        "LearningAnalytics",
        "learning_analytics",
        "id user_id problem_id session_duration errors_made help_requests completion_rate"
        " code_quality_score engagement_level timestamp",
        "Partitioned by month of `created_at`.",
        id=UUID,
        timestamp=("created_at", TIME),
    ),
    entity(
        "AdaptiveDifficulty",
        "adaptive_difficulty",
        "id user_id current_skill_level performance_trend next_problem_difficulty"
        " confidence_score last_updated",
        current_skill_level="0.00 to 1.00 for people; the model's own numbers are kept beside it",
    ),
)
