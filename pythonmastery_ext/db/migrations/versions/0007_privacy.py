"""Encrypted columns, requests for one's data, and consent.

Release 0.1 may still run beside this schema: what it reads and writes stays. A migration has no
key, so the service moves names and addresses into the encrypted columns when it starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    sealed_columns()
    data_request()
    ai_consent()


def sealed_columns() -> None:
    for name, kind, comment in (
        ("email_sealed", sa.LargeBinary, "sealed, row = id"),
        ("email_blind", sa.LargeBinary, "HMAC of the address, to find it by"),
        ("display_name_sealed", sa.LargeBinary, "sealed, row = id"),
        ("locked_at", TIME, "no sign-in from here on: the account is being erased"),
    ):
        op.add_column("app_user", sa.Column(name, kind, nullable=True, comment=comment))
    op.create_index(op.f("ix_app_user_email_blind"), "app_user", ["email_blind"])


def data_request() -> None:
    op.create_table(
        "data_request",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger,
            nullable=False,
            comment="no foreign key: the record of an erasure outlives the account",
        ),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requested_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "due_at",
            TIME,
            nullable=False,
            comment="export: the link ends; erase: what is not taken back is carried out",
        ),
        sa.Column("account_at", TIME, nullable=True, comment="erase: when the account was made"),
        sa.Column("begun_at", TIME, nullable=True, comment="erase: when sign-in ended"),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column(
            "link_sha",
            sa.LargeBinary,
            nullable=True,
            comment="SHA-256 of the secret in the export's link",
        ),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("problem", sa.Text, nullable=True, comment="why the last try failed"),
        sa.Column(
            "username_mark",
            sa.LargeBinary,
            nullable=True,
            comment="HMAC; erase: finds the person in a restored copy",
        ),
        sa.Column("github_mark", sa.LargeBinary, nullable=True, comment="HMAC of GitHub's number"),
        sa.CheckConstraint("kind in ('export', 'erase')", name=op.f("ck_data_request_kind")),
        sa.CheckConstraint(
            "kind = 'export' and state in ('waiting', 'ready', 'fetched', 'expired', 'failed')"
            " or kind = 'erase' and state in ('cooling', 'cancelled', 'locked', 'deleted', 'done')",
            name=op.f("ck_data_request_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index("idx_request_user", "data_request", ["user_id", sa.text("id desc")])
    op.create_index(
        "idx_open_requests",
        "data_request",
        ["user_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state in ('waiting', 'ready', 'cooling', 'locked', 'deleted')"),
    )


def ai_consent() -> None:
    op.create_table(
        "ai_consent",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column(
            "version", sa.String(20), nullable=False, comment="of the text that was answered"
        ),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("decided_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_ai_consent_user_id_app_user"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ai_consent")),
    )
    op.create_index("idx_newest_consent", "ai_consent", ["user_id", sa.text("id desc")])


def downgrade() -> None:
    op.drop_table("ai_consent")
    op.drop_table("data_request")
    op.drop_index(op.f("ix_app_user_email_blind"), "app_user")
    for name in ("locked_at", "display_name_sealed", "email_blind", "email_sealed"):
        op.drop_column("app_user", name)
