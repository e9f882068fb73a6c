"""People, what they choose, and the sessions of their clients outside the browser."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, literal_column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Moment, Now, cascading


class User(Base):
    """A person. The table is not called `user`: that word means the current role in PostgreSQL."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("role in ('student', 'instructor', 'admin')", name="role"),
        Index("idx_former_usernames", "former_usernames", postgresql_using="gin"),
        Index(
            "idx_people_login",
            literal_column("lower(username::text)").label("login"),
            postgresql_ops={"login": "text_pattern_ops"},
        ),
        Index("idx_people_marks", "name_marks", postgresql_using="gin"),
        Index("idx_people_since", "created_at", "id"),
        Index("idx_people_role", "role", "id"),
        Index(
            "idx_people_unmarked",
            "id",
            postgresql_where=text("name_marks is null and display_name_sealed is not null"),
        ),
    )

    id: Mapped[Key]
    github_id: Mapped[int | None] = mapped_column(
        BigInteger,
        unique=True,
        index=False,
        comment="GitHub's number; logins are renamed and reused",
    )
    username: Mapped[str] = mapped_column(
        String(255), unique=True, comment="name at the hub; 'local' on one's own machine"
    )
    # Release 0.1 reads and writes these two in the clear; both are emptied into the sealed ones.
    email: Mapped[str | None] = mapped_column(String(320))
    display_name: Mapped[str | None] = mapped_column(String(255))
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, comment="sealed, row = id")
    email_blind: Mapped[bytes | None] = mapped_column(
        LargeBinary, index=True, comment="HMAC of the address, to find it by"
    )
    display_name_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="sealed, row = id"
    )
    locked_at: Mapped[datetime | None] = mapped_column(
        comment="no sign-in from here on: the account is being erased"
    )
    suspended_at: Mapped[datetime | None] = mapped_column(
        comment="locked by an admin, until unlocked"
    )
    name_marks: Mapped[list[bytes] | None] = mapped_column(
        ARRAY(LargeBinary),
        comment="HMAC of each word of the display name, to find it by; null: to be made",
    )
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    former_usernames: Mapped[list[str]] = mapped_column(
        ARRAY(String(255)),
        server_default="{}",
        comment="names at the hub before a renaming; still theirs, and nobody else's",
    )
    role: Mapped[str] = mapped_column(String(20), server_default="student")
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class UserProfile(Base):
    """What a person chooses; made at the first choice, so a missing row means all defaults."""

    __tablename__ = "user_profile"
    __table_args__ = (
        CheckConstraint(
            "octet_length(bio) <= 10000 and octet_length(learning_goals) <= 10000", name="length"
        ),
        CheckConstraint(
            "difficulty_preference in ('easier', 'balanced', 'harder')",
            name="difficulty_preference",
        ),
        CheckConstraint(
            "jsonb_typeof(notification_settings) = 'object' and not jsonb_path_exists("
            "notification_settings, 'strict $.* ? (@.type() != \"boolean\")')",
            name="notification_settings",
        ),
        CheckConstraint(
            "leaderboard_name in ('username', 'display_name', 'nobody')", name="leaderboard_name"
        ),
    )

    user_id: Mapped[int] = mapped_column(
        cascading("app_user.id"), primary_key=True, autoincrement=False
    )
    bio: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="about oneself; sealed, row = user_id"
    )
    learning_goals: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="what one wants to reach; sealed, row = user_id"
    )
    difficulty_preference: Mapped[str] = mapped_column(
        String(10),
        server_default="balanced",
        comment="which problems to suggest, seen from one's skill",
    )
    notification_settings: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}", comment="kind of notice → wanted; a kind that is missing is wanted"
    )
    leaderboard_opt_in: Mapped[bool] = mapped_column(
        server_default="false", comment="may be seen on leaderboards"
    )
    leaderboard_name: Mapped[str] = mapped_column(
        String(12),
        server_default="username",
        comment="by which name others see one on leaderboards",
    )
    updated_at: Mapped[Now]


class Session(Base):
    """A token of a kernel, a command line or a teaching page; not SQLAlchemy's session."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("octet_length(session_token) = 32", name="session_token"),
        CheckConstraint("kind in ('kernel', 'cli', 'teach')", name="kind"),
        CheckConstraint(
            "cardinality(scopes) > 0 and scopes <@ "
            "array['submit', 'teach', 'admin']::character varying[]",
            name="scopes",
        ),
        CheckConstraint("expires_at > created_at", name="expires_at"),
        Index(
            "idx_active_sessions",
            "user_id",
            "expires_at",
            postgresql_where=text("revoked_at is null"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(cascading("app_user.id"), index=True)
    session_token: Mapped[bytes] = mapped_column(
        LargeBinary,
        unique=True,
        comment="SHA-256 of the token; the token itself is shown once and kept nowhere",
    )
    label: Mapped[str] = mapped_column(String(80), comment="the owner's name for it")
    kind: Mapped[str] = mapped_column(String(10), comment="which client it was made for")
    scopes: Mapped[list[str]] = mapped_column(
        ARRAY(String(10)), comment="what it may do, within what its owner may do"
    )
    expires_at: Mapped[Moment]
    created_at: Mapped[Now]
    last_used_at: Mapped[datetime | None] = mapped_column(comment="to the minute")
    revoked_at: Mapped[datetime | None]
