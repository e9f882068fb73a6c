"""What admins see and change on their pages: features, workers, people, problems, the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
#: Whoever writes a name need not know that it can be searched for: the marks of the old one go.
NEW_NAME = """
create function app_user_new_name() returns trigger language plpgsql as $$
begin
    new.name_marks := null;
    return new;
end
$$
"""


def upgrade() -> None:
    features()
    workers()
    people()
    op.add_column(
        "problem",
        sa.Column(
            "withheld_at", TIME, nullable=True, comment="taken out by an admin, whatever its status"
        ),
    )
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists idx_event_time")
        op.execute(
            "create index concurrently idx_event_time on audit_event using brin (created_at)"
        )


def downgrade() -> None:
    op.drop_index("idx_event_time", "audit_event")
    op.drop_column("problem", "withheld_at")
    op.execute("drop trigger new_name on app_user")
    op.execute("drop function app_user_new_name()")
    for name in ("idx_people_login", "idx_people_marks", "idx_people_since", "idx_people_role"):
        op.drop_index(name, "app_user")
    op.drop_index("idx_people_unmarked", "app_user")
    op.drop_column("app_user", "name_marks")
    op.drop_column("app_user", "suspended_at")
    op.drop_table("grader_worker")
    op.drop_table("feature")


def features() -> None:
    op.create_table(
        "feature",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("enabled", sa.Boolean, server_default="true", nullable=False),
        sa.Column(
            "message", sa.String(300), nullable=True, comment="what people are told while it is off"
        ),
        sa.Column(
            "amount",
            sa.Integer,
            nullable=True,
            comment="tutor: questions of a learner in 24 hours; null: as configured",
        ),
        sa.Column("changed_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "name in ('tutor', 'leaderboard', 'submitting', 'sign_ups')",
            name=op.f("ck_feature_name"),
        ),
        sa.CheckConstraint("amount between 0 and 10000", name=op.f("ck_feature_amount")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feature")),
    )


def workers() -> None:
    op.create_table(
        "grader_worker",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column(
            "concurrency", sa.Integer, nullable=False, comment="attempts that it takes at once"
        ),
        sa.Column("state", sa.String(10), nullable=False, comment="of its grader"),
        sa.Column("level", sa.String(10), nullable=True, comment="isolation in force"),
        sa.Column(
            "why",
            sa.Text,
            nullable=True,
            comment="what the isolation is made of, or why there is no grader",
        ),
        sa.Column("started_at", TIME, server_default=NOW, nullable=False),
        sa.Column("seen_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "state in ('starting', 'ready', 'broken')", name=op.f("ck_grader_worker_state")
        ),
        sa.CheckConstraint(
            "level in ('full', 'degraded', 'own')", name=op.f("ck_grader_worker_level")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grader_worker")),
    )


def people() -> None:
    op.add_column(
        "app_user",
        sa.Column(
            "suspended_at", TIME, nullable=True, comment="locked by an admin, until unlocked"
        ),
    )
    op.add_column(
        "app_user",
        sa.Column(
            "name_marks",
            postgresql.ARRAY(sa.LargeBinary),
            nullable=True,
            comment="HMAC of each word of the display name, to find it by; null: to be made",
        ),
    )
    op.create_index(
        "idx_people_login",
        "app_user",
        [sa.text("lower(username::text) text_pattern_ops")],
    )
    op.create_index("idx_people_marks", "app_user", ["name_marks"], postgresql_using="gin")
    op.create_index("idx_people_since", "app_user", ["created_at", "id"])
    op.create_index("idx_people_role", "app_user", ["role", "id"])
    op.create_index(
        "idx_people_unmarked",
        "app_user",
        ["id"],
        postgresql_where=sa.text("name_marks is null and display_name_sealed is not null"),
    )
    op.execute(NEW_NAME)
    op.execute(
        "create trigger new_name before update of display_name_sealed on app_user"
        " for each row when (old.display_name_sealed is distinct from new.display_name_sealed)"
        " execute function app_user_new_name()"
    )
