"""What the skill model knows of learners, problems and skills; its equations are in model.py."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pythonmastery_ext.db.base import Base, Key, Moment, Now, cascading


class AdaptiveDifficulty(Base):
    """One learner: what is shown, and the numbers of the model that it was made from."""

    __tablename__ = "adaptive_difficulty"
    __table_args__ = (
        CheckConstraint("current_skill_level between 0 and 1", name="current_skill_level"),
        CheckConstraint("next_problem_difficulty between 1 and 10", name="next_problem_difficulty"),
        CheckConstraint("confidence_score between 0 and 1", name="confidence_score"),
        CheckConstraint("ability_variance >= 0 and responses >= 0", name="counts"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), unique=True)
    current_skill_level: Mapped[float] = mapped_column(
        Numeric(3, 2, asdecimal=False), comment="chance to solve an average problem"
    )
    performance_trend: Mapped[dict[str, Any]] = mapped_column(
        comment="window, observed, expected, z, direction of the newest episodes"
    )
    next_problem_difficulty: Mapped[int] = mapped_column(SmallInteger, comment="1 to 10")
    confidence_score: Mapped[float] = mapped_column(
        Numeric(3, 2, asdecimal=False), comment="0: nothing is known of this learner yet"
    )
    ability_mean: Mapped[float] = mapped_column(Double, comment="θ, in logits")
    ability_variance: Mapped[float] = mapped_column(Double)
    responses: Mapped[int] = mapped_column(Integer, comment="episodes so far")
    skills: Mapped[dict[str, Any]] = mapped_column(
        comment="skill → [mean, variance, response at which it was touched]"
    )
    recent: Mapped[list[Any]] = mapped_column(
        comment="[evidence, predicted] of the newest episodes, oldest first"
    )
    undo: Mapped[list[Any] | None] = mapped_column(
        comment="what the newest episodes replaced: [number, mean, variance, skills], oldest first"
    )
    last_updated: Mapped[Now]


class AdaptiveEpisode(Base):
    """A learner's work at a problem, which the model takes as one response however many tries."""

    __tablename__ = "adaptive_episode"
    __table_args__ = (
        CheckConstraint("evidence between 0 and 1", name="evidence"),
        CheckConstraint("predicted between 0 and 1", name="predicted"),
        Index("idx_to_calibrate", "begun_at", "user_id", postgresql_where=text("not calibrated")),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, cascading("app_user.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(
        BigInteger, cascading("problem.id"), primary_key=True, index=True
    )
    number: Mapped[int] = mapped_column(Integer, comment="of the learner's episodes, from 1")
    skills: Mapped[list[Any]] = mapped_column(comment="of the problem, as it was then")
    evidence: Mapped[float] = mapped_column(
        Double, comment="0 to 1; grows when the problem is solved later"
    )
    predicted: Mapped[float] = mapped_column(Double, comment="what was expected before it began")
    ability_mean: Mapped[float] = mapped_column(Double, comment="θ and δ before it began")
    ability_variance: Mapped[float] = mapped_column(Double)
    item_mean: Mapped[float] = mapped_column(Double, comment="b as it was then")
    item_variance: Mapped[float] = mapped_column(Double)
    skills_mean: Mapped[float] = mapped_column(Double, comment="mean of c as it was then")
    skills_variance: Mapped[float] = mapped_column(Double)
    begun_at: Mapped[Moment]
    solved_at: Mapped[datetime | None]
    calibrated: Mapped[bool] = mapped_column(
        Boolean, server_default="false", comment="problem and skills have learned from it"
    )


class ItemDifficulty(Base):
    """How hard a problem has shown to be; begins with what its author says."""

    __tablename__ = "item_difficulty"

    problem_id: Mapped[int] = mapped_column(
        BigInteger, cascading("problem.id"), primary_key=True, autoincrement=False
    )
    mean: Mapped[float] = mapped_column(Double, comment="b, in logits")
    variance: Mapped[float] = mapped_column(Double)
    responses: Mapped[int] = mapped_column(Integer, server_default="0")
    updated_at: Mapped[Now]


class SkillDifficulty(Base):
    """How hard a skill has shown to be for everybody."""

    __tablename__ = "skill_difficulty"

    skill: Mapped[str] = mapped_column(
        String(80), primary_key=True, comment="slug of a concept, or of a section"
    )
    mean: Mapped[float] = mapped_column(Double, comment="c, in logits")
    variance: Mapped[float] = mapped_column(Double)
    responses: Mapped[int] = mapped_column(Integer, server_default="0")
    updated_at: Mapped[Now]
