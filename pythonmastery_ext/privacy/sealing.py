"""Looking after encrypted columns: what release 0.1 left in the clear, and a change of keys.

Each batch is a transaction of its own, so a service that runs is not held up, and what breaks off
goes on where it was: what is still to be done shows in the rows.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, column, func, or_, select, table, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import ColumnClause, TableClause

from pythonmastery_ext.accounts.models import User
from pythonmastery_ext.db.encryption import Keyring, Place, key_mark, key_of
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.privacy import copies

BATCH = 500
MARK = len(key_mark(1))


@dataclass(frozen=True)
class SealedColumn:
    table: str
    column: str
    #: Column that tells rows apart in the associated data.
    key: str = "user_id"

    @property
    def source(self) -> TableClause:
        return table(self.table, column(self.key), column(self.column, LargeBinary))

    def place(self, row: int) -> Place:
        return {"table": self.table, "column": self.column, "row": row}


EMAIL = SealedColumn("app_user", "email_sealed", "id")
DISPLAY_NAME = SealedColumn("app_user", "display_name_sealed", "id")
#: Every one there is; a test walks the schema.
SEALED = (
    EMAIL,
    DISPLAY_NAME,
    SealedColumn("user_profile", "bio"),
    SealedColumn("user_profile", "learning_goals"),
)


async def seal_plain(db: Database, keyring: Keyring) -> int:
    """Moves names and addresses that stand in the clear into their columns; how many rows."""
    return await db.drain(lambda session: _seal_batch(session, keyring))


async def _seal_batch(db: AsyncSession, keyring: Keyring) -> int:
    users = list(
        await db.scalars(
            select(User)
            .where(or_(User.email.is_not(None), User.display_name.is_not(None)))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    for user in users:
        if user.email is not None:
            user.email_sealed = keyring.seal(user.email, **EMAIL.place(user.id))
            user.email_blind = keyring.blind(user.email)
        if user.display_name is not None:
            name = keyring.seal(user.display_name, **DISPLAY_NAME.place(user.id))
            user.display_name_sealed = name
        user.email = user.display_name = None
    return len(users)


async def rotate(db: Database, keyring: Keyring) -> int:
    """Seals everything with the current key that is sealed with another; how many values."""
    changed = 0
    await db.retry(lambda session: copies.forget_other_keys(session, keyring))
    for sealed in SEALED:
        last: int | None = 0
        while last is not None:
            last, count = await db.retry(_rotation(sealed, keyring, last))
            changed += count
    return changed


def _rotation(sealed: SealedColumn, keyring: Keyring, last: int) -> Any:
    """Work of one transaction: the last row that it has seen, None at the end; and how many."""
    key, value, source = _columns(sealed)

    async def work(db: AsyncSession) -> tuple[int | None, int]:
        other = func.substring(value, 1, MARK) != key_mark(keyring.current)
        rows = await db.execute(
            select(key, value)
            .where(key > last, value.is_not(None), other)
            .order_by(key)
            .limit(BATCH)
            .with_for_update()
        )
        found = rows.all()
        for row, old in found:
            text = keyring.open(old, **sealed.place(row))
            new = keyring.seal(text, **sealed.place(row))
            await db.execute(update(source).where(key == row).values({sealed.column: new}))
        return (found[-1][0] if len(found) == BATCH else None), len(found)

    return work


async def keys_in_use(db: AsyncSession) -> Counter[int]:
    """Key id → values that are sealed with it."""
    found: Counter[int] = Counter()
    for sealed in SEALED:
        _, value, _ = _columns(sealed)
        mark = func.substring(value, 1, MARK).label("mark")
        marks = select(mark).where(value.is_not(None)).subquery()
        rows = await db.execute(select(marks.c.mark, func.count()).group_by(marks.c.mark))
        for start, count in rows:
            found[key_of(start)] += count
    return found


async def check(db: AsyncSession, keyring: Keyring) -> None:
    """Opens one value of each key, so that a lost or mixed up key file is told at the start.

    KeyUnknown, SealVersionUnknown or SealBroken.
    """
    for sealed in SEALED:
        key, value, _ = _columns(sealed)
        mark = func.substring(value, 1, MARK)
        rows = await db.execute(
            select(key, value).ext(distinct_on(mark)).where(value.is_not(None)).order_by(mark, key)
        )
        for row, example in rows:
            keyring.open(example, **sealed.place(row))


def _columns(sealed: SealedColumn) -> tuple[ColumnClause[Any], ColumnClause[Any], TableClause]:
    source = sealed.source
    return source.c[sealed.key], source.c[sealed.column], source
