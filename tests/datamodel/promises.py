"""The ERD's relationships, indexes, views and promises, and how each is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    erd: str
    ours: str
    #: Files of the repository, or an index as `table.index`, or a view.
    where: tuple[str, ...]


EVERYWHERE = (
    "`SERIAL` and `INTEGER` keys are `bigint generated always as identity`; keys of partitioned"
    " tables are UUIDv7.",
    "`TIMESTAMP` is `timestamptz`: a time without a zone means something else on each machine.",
    "`INDEX` inside `CREATE TABLE` is no PostgreSQL; each index is a statement of its own.",
    "Every foreign key says what happens on update (cascade) and on delete. None leads into a"
    " partitioned table.",
    "`DECIMAL` columns with a range have a check, enum strings have one that names the values.",
)

RELATIONS = (
    Promise("User 1:1 UserProfile", "the key is `user_id`", ("user_profile.user_id",)),
    Promise(
        "User 1:N UserProgress, one per section",
        "unique `(user_id, section_id)`",
        ("user_progress.user_id",),
    ),
    Promise("User 1:N ProblemAttempt", "", ("problem_attempt.user_id",)),
    Promise("User 1:N AIInteraction", "", ("ai_interaction.user_id",)),
    Promise("User 1:N Achievement", "", ("achievement.user_id",)),
    Promise("User 1:N Session", "", ("session.user_id",)),
    Promise("User 1:1 AdaptiveDifficulty", "`user_id` is unique", ("adaptive_difficulty.user_id",)),
    Promise("Section 1:N Problem", "", ("problem.section_id",)),
    Promise("Section 1:N UserProgress", "", ("user_progress.section_id",)),
    Promise("Problem 1:N ProblemAttempt", "", ("problem_attempt.problem_id",)),
    Promise("Problem 1:N TestCase", "through its versions", ("test_case.problem_id",)),
    Promise("Problem 1:N Hint", "through its versions", ("hint.problem_id",)),
    Promise(
        "Problem 1:N AIInteraction",
        "null for a general question",
        ("ai_interaction.problem_id",),
    ),
    Promise("Problem 1:N LearningAnalytics", "", ("learning_analytics.problem_id",)),
    Promise("LearningAnalytics N:1 User", "", ("learning_analytics.user_id",)),
    Promise("LearningAnalytics N:1 Problem", "", ("learning_analytics.problem_id",)),
)

INDEXES = (
    Promise("User.github_id", "its unique constraint", ("app_user.uq_app_user_github_id",)),
    Promise("Problem.difficulty_score", "", ("problem.ix_problem_difficulty_score",)),
    Promise("Section.order_index", "", ("section.ix_section_order_index",)),
    Promise(
        "(user_id, problem_id, submitted_at); idx_user_problem",
        "newest first",
        ("problem_attempt.idx_user_problem",),
    ),
    Promise("ProblemAttempt idx_status_time", "", ("problem_attempt.idx_status_time",)),
    Promise("AIInteraction idx_user_time", "newest first", ("ai_interaction.idx_user_time",)),
    Promise("AIInteraction idx_problem_type", "", ("ai_interaction.idx_problem_type",)),
    Promise(
        "LearningAnalytics idx_user_performance", "", ("learning_analytics.idx_user_performance",)
    ),
    Promise(
        "LearningAnalytics idx_problem_analytics", "", ("learning_analytics.idx_problem_analytics",)
    ),
    Promise(
        "GIN on TestCase.input_data",
        "behind the instructors' search for what tests a value",
        ("test_case.ix_test_case_input_data",),
    ),
    Promise(
        "GIN on AIInteraction.context_data",
        "behind the instructors' search of conversations",
        ("ai_interaction.ix_ai_interaction_context_data",),
    ),
    Promise(
        "Partial index: active sessions",
        "where it is not revoked: `now()` cannot stand in an index",
        ("session.idx_active_sessions",),
    ),
    Promise(
        "Partial index: recent attempts",
        "where it waits for its verdict; recent ones are in the newest partition",
        ("problem_attempt.idx_waiting",),
    ),
)

VIEWS = (
    Promise(
        "user_performance_summary",
        "each side is summed up by itself: the sketch's join multiplied attempts by sections",
        ("user_performance_summary", "pythonmastery_ext/analytics/service.py"),
    ),
    Promise(
        "problem_difficulty_stats",
        "only attempts that count",
        ("problem_difficulty_stats", "pythonmastery_ext/analytics/service.py"),
    ),
)

#: Columns that a person, and not a rule of the service, looks at: where.
READERS = (
    Promise(
        "UserProfile.difficulty_preference",
        "shifts the chance of success that the next problem should have",
        ("pythonmastery_ext/adaptive/recommending.py",),
    ),
    Promise(
        "UserProfile.notification_settings",
        "what the page shows unasked: verdicts, achievements, streaks",
        ("labextension/src/profile/model.ts",),
    ),
    Promise(
        "UserProfile.bio",
        "the learner's own, in the form of My Data",
        ("labextension/src/profile/form.tsx",),
    ),
    Promise(
        "UserProfile.learning_goals",
        "the learner's own, in the form of My Data",
        ("labextension/src/profile/form.tsx",),
    ),
    Promise(
        "User.avatar_url",
        "the learner's copy of their data only: a picture from GitHub's host on a page of the"
        " panel would tell that host who is looked at, so the pages' policy stays closed",
        ("pythonmastery_ext/privacy/owned.py",),
    ),
    Promise(
        "Problem.business_context",
        "the notebook and the panel, from the version that the learner has",
        ("pythonmastery_ext/curriculum/student.py", "labextension/src/task/panel.tsx"),
    ),
    *(
        Promise(
            f"LearningAnalytics.{name}",
            "the last 30 days of a learner, on the teaching pages",
            ("pythonmastery_ext/analytics/summary.py",),
        )
        for name in ("errors_made", "help_requests", "code_quality_score", "engagement_level")
    ),
    Promise(
        "user_performance_summary",
        "a learner's figures with the time of the refresh, on the teaching pages",
        ("pythonmastery_ext/analytics/summary.py",),
    ),
)

PROMISES = (
    Promise(
        "Monthly partitions",
        "attempts, conversations, analytics; made three months ahead, detached to an archive",
        ("pythonmastery_ext/db/partitions.py", "pythonmastery_ext/db/archive.py"),
    ),
    Promise(
        "Application-level, query result and session caching",
        "in each process with a bound and an age, dropped by NOTIFY in all of them",
        ("pythonmastery_ext/db/cache.py",),
    ),
    Promise(
        "Foreign keys with CASCADE updates, CHECK, NOT NULL, UNIQUE",
        "on every table; a test reads the models",
        ("tests/datamodel/test_rules.py",),
    ),
    Promise(
        "Audit logging for all user actions",
        "append-only, in the transaction of the act, with a hash chain",
        ("pythonmastery_ext/audit/service.py",),
    ),
    Promise(
        "Data export and deletion",
        "a zip that can be checked; erasure in steps that can be run again",
        ("pythonmastery_ext/privacy/service.py",),
    ),
    Promise(
        "Encryption of PII and tokens",
        "AES-256-GCM with key numbers; of tokens only a hash is kept",
        ("pythonmastery_ext/db/encryption.py",),
    ),
    Promise(
        "Rate limiting metadata",
        "token buckets in the database, which admins see",
        ("pythonmastery_ext/limits/service.py",),
    ),
)
