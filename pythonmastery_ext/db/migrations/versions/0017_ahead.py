"""How many attempts wait before one's own is counted up to a hundred.

Each submission asks for it, so in a backlog each of them was slower than the one before. Older
releases call the same function, and are told the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

#: As 0010 made it, but for the limit.
AHEAD = """
create or replace function attempts_ahead(moment timestamptz) returns bigint
language plpgsql stable security definer
set search_path = {schema}, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select count(*) from (
            select from problem_attempt
            where status is null and submitted_at < moment
              and submitted_at > now() - interval '31 days' {limit}
        ) as ahead
    );
end
$$
"""


def upgrade() -> None:
    ahead("limit 100")


def downgrade() -> None:
    ahead("")


def ahead(limit: str) -> None:
    schema = op.get_bind().scalar(sa.text("select quote_ident(current_schema())"))
    op.execute(AHEAD.format(schema=schema, limit=limit))
