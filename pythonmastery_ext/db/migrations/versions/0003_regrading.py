"""Grading finished attempts again, with the verdicts as they were before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "regrade",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("selection", JSON, nullable=False, comment="what was asked for"),
        sa.Column("dry", sa.Boolean, nullable=False, comment="only told what would change"),
        sa.Column("total", sa.Integer, server_default="0", nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    op.create_table(
        "regrade_item",
        sa.Column("regrade_id", sa.BigInteger, nullable=False),
        sa.Column("attempt_id", sa.Uuid, nullable=False),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column(
            "version_id",
            sa.BigInteger,
            nullable=False,
            comment="whose tests the attempt is graded against now",
        ),
        sa.Column("state", sa.String(10), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("before", JSON, nullable=True, comment="the verdict as it was"),
        sa.Column("after", JSON, nullable=True, comment="status and points as they are"),
        sa.Column("reason", sa.Text, nullable=True, comment="why it could not be graded again"),
        sa.Column("done_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'same', 'changed', 'failed')",
            name=op.f("ck_regrade_item_state"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [name],
                [f"{target}.id"],
                name=op.f(f"fk_regrade_item_{name}_{target}"),
                onupdate="CASCADE",
                ondelete="CASCADE",
            )
            for name, target in (
                ("regrade_id", "regrade"),
                ("user_id", "app_user"),
                ("version_id", "problem_version"),
            )
        ),
        sa.PrimaryKeyConstraint("regrade_id", "attempt_id", name=op.f("pk_regrade_item")),
    )
    op.create_index(op.f("ix_regrade_item_user_id"), "regrade_item", ["user_id"])
    op.create_index(
        "idx_regrade_waiting",
        "regrade_item",
        ["regrade_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("regrade_item")
    op.drop_table("regrade")
