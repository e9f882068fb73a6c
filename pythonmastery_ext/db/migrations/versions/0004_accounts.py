"""Profiles of people, and sessions of clients outside the browser."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    profiles()
    sessions()


def downgrade() -> None:
    op.drop_table("session")
    op.drop_table("user_profile")


def owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["app_user.id"],
        name=op.f(f"fk_{table}_user_id_app_user"),
        onupdate="CASCADE",
        ondelete="CASCADE",
    )


def profiles() -> None:
    op.create_table(
        "user_profile",
        sa.Column("user_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column(
            "bio", sa.LargeBinary, nullable=True, comment="about oneself; sealed, row = user_id"
        ),
        sa.Column(
            "learning_goals",
            sa.LargeBinary,
            nullable=True,
            comment="what one wants to reach; sealed, row = user_id",
        ),
        sa.Column(
            "difficulty_preference",
            sa.String(10),
            server_default="balanced",
            nullable=False,
            comment="which problems to suggest, seen from one's skill",
        ),
        sa.Column(
            "notification_settings",
            JSON,
            server_default="{}",
            nullable=False,
            comment="kind of notice → wanted; a kind that is missing is wanted",
        ),
        sa.Column(
            "leaderboard_opt_in",
            sa.Boolean,
            server_default="false",
            nullable=False,
            comment="may be seen on leaderboards",
        ),
        sa.Column(
            "leaderboard_name",
            sa.String(12),
            server_default="username",
            nullable=False,
            comment="by which name others see one on leaderboards",
        ),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "octet_length(bio) <= 10000 and octet_length(learning_goals) <= 10000",
            name=op.f("ck_user_profile_length"),
        ),
        sa.CheckConstraint(
            "difficulty_preference in ('easier', 'balanced', 'harder')",
            name=op.f("ck_user_profile_difficulty_preference"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(notification_settings) = 'object' and not jsonb_path_exists("
            "notification_settings, 'strict $.* ? (@.type() != \"boolean\")')",
            name=op.f("ck_user_profile_notification_settings"),
        ),
        sa.CheckConstraint(
            "leaderboard_name in ('username', 'display_name', 'nobody')",
            name=op.f("ck_user_profile_leaderboard_name"),
        ),
        owner("user_profile"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_profile")),
    )


def sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column(
            "session_token",
            sa.LargeBinary,
            nullable=False,
            comment="SHA-256 of the token; the token itself is shown once and kept nowhere",
        ),
        sa.Column("label", sa.String(80), nullable=False, comment="the owner's name for it"),
        sa.Column("kind", sa.String(10), nullable=False, comment="which client it was made for"),
        sa.Column(
            "scopes",
            postgresql.ARRAY(sa.String(10)),
            nullable=False,
            comment="what it may do, within what its owner may do",
        ),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("last_used_at", TIME, nullable=True, comment="to the minute"),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.CheckConstraint(
            "octet_length(session_token) = 32", name=op.f("ck_session_session_token")
        ),
        sa.CheckConstraint("kind in ('kernel', 'cli', 'teach')", name=op.f("ck_session_kind")),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 and scopes <@ "
            "array['submit', 'teach', 'admin']::character varying[]",
            name=op.f("ck_session_scopes"),
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_session_expires_at")),
        owner("session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("session_token", name=op.f("uq_session_session_token")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"])
    op.create_index(
        "idx_active_sessions",
        "session",
        ["user_id", "expires_at"],
        postgresql_where=sa.text("revoked_at is null"),
    )
