"""People of a hub: the names that were theirs, so that nobody else gets what lies under them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "app_user",
        sa.Column(
            "former_usernames",
            sa.ARRAY(sa.String(255)),
            server_default="{}",
            nullable=False,
            comment="names at the hub before a renaming; still theirs, and nobody else's",
        ),
    )
    op.create_index(
        "idx_former_usernames", "app_user", ["former_usernames"], postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_index("idx_former_usernames", table_name="app_user")
    op.drop_column("app_user", "former_usernames")
