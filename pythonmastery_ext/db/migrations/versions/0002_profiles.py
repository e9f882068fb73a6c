"""What the reference solution of a class problem needed, recorded for each version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "problem_profile",
        sa.Column("version_id", sa.BigInteger, nullable=False),
        sa.Column(
            "profile",
            postgresql.JSONB(none_as_null=True),
            nullable=False,
            comment="as the grader recorded it: classes, kinds of results, controls",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["problem_version.id"],
            name=op.f("fk_problem_profile_version_id_problem_version"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_problem_profile")),
    )


def downgrade() -> None:
    op.drop_table("problem_profile")
