"""Exports as rows, so that any process of the service can make them and hand them out.

No web handler reads them in a learner's name: once the link was found good, the owner of the tables
does. So the roles of the fences get no rights here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ME = "(select nullif(current_setting('pm.uid', true), '')::bigint)"


def upgrade() -> None:
    op.create_table(
        "data_export",
        sa.Column("request_id", sa.BigInteger, nullable=False),
        sa.Column("part", sa.Integer, nullable=False, comment="from 0"),
        sa.Column("user_id", sa.BigInteger, nullable=False, comment="as in the request"),
        sa.Column(
            "sealed",
            sa.LargeBinary,
            nullable=False,
            comment="a piece of the zip, row = request_id/part",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["data_request.id"],
            name=op.f("fk_data_export_request_id_data_request"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "part", name=op.f("pk_data_export")),
    )
    op.create_index(op.f("ix_data_export_user_id"), "data_export", ["user_id"])
    # What is random does not get smaller.
    op.execute("alter table data_export alter column sealed set storage external")
    op.execute("alter table data_export enable row level security")
    op.execute(
        f"create policy own on data_export using (user_id = {ME}) with check (user_id = {ME})"
    )


def downgrade() -> None:
    op.drop_table("data_export")
