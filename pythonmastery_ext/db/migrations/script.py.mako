"""${message}

Rules: import nothing of ours (the models move on, this file does not). No lock that readers or writers
wait for longer than a moment: add columns without a volatile default, constraints `not valid` and
validate them in a later step, indexes with `postgresql_concurrently=True` inside
`with op.get_context().autocommit_block():`. Fill columns in batches. Write the downgrade, and a test
with rows in the tables.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
