"""What people asked for about their own data: a copy, or that it is erased."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Moment, Now

#: States in which something is still to be done, or to be fetched.
OPEN = ("waiting", "ready", "cooling", "locked", "deleted")


class DataRequest(Base):
    """An export: waiting, ready, fetched; or an erasure: cooling, locked, deleted, done.

    A state says what has been reached, so whatever breaks off goes on from there.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        CheckConstraint("kind in ('export', 'erase')", name="kind"),
        CheckConstraint(
            "kind = 'export' and state in ('waiting', 'ready', 'fetched', 'expired', 'failed')"
            " or kind = 'erase' and state in ('cooling', 'cancelled', 'locked', 'deleted', 'done')",
            name="state",
        ),
        Index("idx_request_user", "user_id", text("id desc")),
        Index(
            "idx_open_requests",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=text("state in ('waiting', 'ready', 'cooling', 'locked', 'deleted')"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(
        BigInteger, comment="no foreign key: the record of an erasure outlives the account"
    )
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    requested_at: Mapped[Now]
    due_at: Mapped[Moment] = mapped_column(
        comment="export: the link ends; erase: what is not taken back is carried out"
    )
    account_at: Mapped[datetime | None] = mapped_column(comment="erase: when the account was made")
    begun_at: Mapped[datetime | None] = mapped_column(comment="erase: when sign-in ended")
    finished_at: Mapped[datetime | None]
    link_sha: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 of the secret in the export's link"
    )
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    problem: Mapped[str | None] = mapped_column(comment="why the last try failed")
    username_mark: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="HMAC; erase: finds the person in a restored copy"
    )
    github_mark: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="HMAC of GitHub's number"
    )


class DataExport(Base):
    """A copy that waits for its owner, in parts; any process can make it and hand it out."""

    __tablename__ = "data_export"

    request_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("data_request.id", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    )
    part: Mapped[int] = mapped_column(Integer, primary_key=True, comment="from 0")
    user_id: Mapped[int] = mapped_column(BigInteger, index=True, comment="as in the request")
    sealed: Mapped[bytes] = mapped_column(
        LargeBinary, comment="a piece of the zip, row = request_id/part"
    )
