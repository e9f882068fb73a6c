"""What a transaction begins with: whose rows it sees, and whose turn it is, in one statement."""

from typing import NamedTuple

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from pythonmastery_ext.db.statement import Statement

#: The roles that web handlers act as; migration 0009 says what they may do.
WEB, INSTRUCTOR = "pythonmastery_web", "pythonmastery_instructor"
#: Of this transaction only, so that it is gone before the connection serves somebody else, also
#: behind a pooler that changes the server with each transaction.
FENCE = "set_config('role', :role, true), set_config('pm.uid', :uid, true)"
#: What changes what a learner has takes this lock first; see `audit.service.lock`. In the same
#: statement as the fence, since each is a way to the server. The few statements after it are
#: planned once for a connection: to plan for 27 months takes longer than to find the one.
TURN = (
    "pg_advisory_xact_lock(hashtextextended('learner/' || :turn, 0)),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
#: By whether there is a fence, and whether it is a learner's turn.
OPENINGS = {
    (True, False): Statement(f"select {FENCE}"),
    (False, True): Statement(f"select {TURN}"),
    (True, True): Statement(f"select {FENCE}, {TURN}"),
}
#: Keys of a session's `info`, which lives as long as its one transaction: learners that it holds,
#: and what has to be said before its first statement.
HELD = "pythonmastery locked learners"
PENDING = "pythonmastery opening"
#: Whether a statement may end the transaction, see `direct.last`.
BRIEF = "pythonmastery brief"


class MoreToSay(Exception):
    """A transaction that has ended already is not the place for it."""


class Fence(NamedTuple):
    """The role that a transaction acts as, and for whom."""

    role: str
    person: int

    @classmethod
    def of(cls, learner: int | None, instructor: int | None) -> "Fence | None":
        if instructor is not None:
            return cls(INSTRUCTOR, instructor)
        return None if learner is None else cls(WEB, learner)


def begin(db: AsyncSession, fence: Fence | None, turn: int | None, *, brief: bool = False) -> None:
    """Takes on the role, and this learner's lock for `turn`, with the session's first statement."""
    db.info[BRIEF] = brief
    statement = OPENINGS.get((fence is not None, turn is not None))
    if statement is None:
        return
    role, person = fence or (None, None)
    given = {"role": role, "uid": str(person), "turn": str(turn)}
    db.info[PENDING] = statement, given
    if turn is not None:
        db.info[HELD] = {turn}


@event.listens_for(Session, "after_begin")
def _said(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Whatever the session's first statement is, a row's owner is known before it."""
    pending = session.info.pop(PENDING, None)
    if pending is not None:
        statement, given = pending
        connection.execute(statement.text, given)
