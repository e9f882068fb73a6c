"""People."""

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Now


class User(Base):
    """A person. The table is not called `user`: that word means the current role in PostgreSQL."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("role in ('student', 'instructor', 'admin')", name="role"),)

    id: Mapped[Key]
    github_id: Mapped[int | None] = mapped_column(
        BigInteger,
        unique=True,
        index=False,
        comment="GitHub's number; logins are renamed and reused",
    )
    username: Mapped[str] = mapped_column(
        String(255), unique=True, comment="name at the hub; 'local' on one's own machine"
    )
    email: Mapped[str | None] = mapped_column(String(320))
    display_name: Mapped[str | None] = mapped_column(String(255))
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    role: Mapped[str] = mapped_column(String(20), server_default="student")
    created_at: Mapped[Now]
    updated_at: Mapped[Now]
