"""A verdict reads no conversations, and attempts take less room.

How many questions were asked at a problem is counted as they are asked, by a trigger: so also while
an older release asks them, and though the role of web handlers may not write there. Null means: not
counted yet; the next verdict does it.

The index by status and time knows those that wait, and no longer all that ever were: what is told
of recent verdicts finds them by their ids, which begin with the time.

Results are folded from now on, see attempts/results.py. Older code cannot read that, so authorities
are upgraded before workers; going back writes them out.
"""

import json
import zlib
from base64 import b85decode

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COMMENTS = (
    "one cell for each test, see attempts/results.py; older: list of TestResultOut",
    "short, see attempts/results.py; older: one cell a test, or list of TestResultOut",
)
COUNT = """
create or replace function count_question() returns trigger language plpgsql security definer
set search_path = {schema}, pg_temp
as $$
begin
    update problem_progress set questions = questions + 1
    where user_id = new.user_id and problem_id = new.problem_id;
    return null;
end
$$
"""
TRIGGER = """
create or replace trigger count_question after insert on ai_interaction
for each row when (new.problem_id is not null) execute function count_question()
"""
FOLDED = sa.text("""
    select id, submitted_at, test_results ->> 0 as text from problem_attempt
    where jsonb_typeof(test_results -> 0) = 'string' limit 1000
""")
MONTHS = sa.text(
    "select inhrelid::regclass::text from pg_inherits"
    " where inhparent = 'problem_attempt'::regclass order by 1"
)
HALF_MADE = sa.text(
    "select true from pg_index where indexrelid = to_regclass(:index) and not indisvalid"
)
WAITING = "(status, submitted_at) where status is null"
ALL = "(status, submitted_at)"
UNFOLD = sa.text("""
    update problem_attempt set test_results = cast(:results as jsonb)
    where id = :id and submitted_at = :submitted_at
""")
#: As attempts/results.py had it at this revision.
WORDS = (
    b'{"line":12,"module","values","repr","stdout":"","message":null,"message":",'
    b'[{"kind":"missing","path":"[\'{"kind":"extra","path":"[{"kind":"length","note":"'
    b'{"kind":"type","note":" (list) instead of  (tuple)(dict)(float)(int)(str) instead of None'
    b' (NoneType)[{"kind":"text","note":"character 1 is \' instead of \'[{"kind":"number",'
    b'"note":"too large by too small by "}],"path":"[0]","actual":"","expected":"","difference":'
    b'[{"kind":"not_run"],["timeout",5.0],1.0,2.0,10.0,20.0],["error",1.0],["error",'
    b'["failed",1.0],["passed",["failed",0.1,65536,{"call":"'
)


def upgrade() -> None:
    op.add_column(
        "problem_progress",
        sa.Column(
            "questions",
            sa.Integer,
            nullable=True,
            comment="to the tutor; counted by a trigger as they are asked",
        ),
        if_not_exists=True,
    )
    # Of rows that come; those that are there have not been counted.
    op.alter_column("problem_progress", "questions", server_default="0")
    op.alter_column("problem_attempt", "test_results", comment=COMMENTS[1])
    schema = op.get_bind().scalar(sa.text("select quote_ident(current_schema())"))
    op.execute(COUNT.format(schema=schema))
    op.execute("revoke execute on function count_question() from public")
    op.execute(TRIGGER)
    with op.get_context().autocommit_block():
        exchange(WAITING, "waiting")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        exchange(ALL, "all")
        while rows := op.get_bind().execute(FOLDED).all():
            for row in rows:
                given = {"id": row.id, "submitted_at": row.submitted_at}
                op.get_bind().execute(UNFOLD, {**given, "results": unfolded(row.text)})
    op.execute("drop trigger count_question on ai_interaction")
    op.execute("drop function count_question()")
    op.alter_column("problem_attempt", "test_results", comment=COMMENTS[0])
    op.drop_column("problem_progress", "questions")


def exchange(definition: str, suffix: str) -> None:
    """Month by month, while attempts go on being written; may be run again after it was stopped."""
    index = f"idx_status_time_{suffix}"
    op.execute(f"create index if not exists {index} on only problem_attempt {definition}")
    for month in op.get_bind().scalars(MONTHS).all():
        own = f"{month}_{suffix}_idx"
        if op.get_bind().scalar(HALF_MADE, {"index": own}):
            op.execute(f"drop index concurrently {own}")
        op.execute(f"create index concurrently if not exists {own} on {month} {definition}")
        op.execute(f"alter index {index} attach partition {own}")
    op.execute("drop index if exists idx_status_time")
    op.execute(f"alter index {index} rename to idx_status_time")


def unfolded(text: str) -> str:
    plain = zlib.decompressobj(-zlib.MAX_WBITS, zdict=WORDS).decompress(b85decode(text))
    return json.dumps(json.loads(plain))
