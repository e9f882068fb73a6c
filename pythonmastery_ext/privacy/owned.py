"""Which table holds whose rows, and what of them leaves with an export or goes with an erasure.

A test walks the schema: a table with a column that names a person stands in one of these lists.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, literal, or_

from pythonmastery_ext.attempts.results import ONLY_OF_SAMPLES
from pythonmastery_ext.db import tables

#: Names of columns that say whose a row is.
PERSON_COLUMNS = ("user_id", "learner_id", "actor_id")


@dataclass(frozen=True)
class Owned:
    """A table of an export; everything in it but `omit` is the person's own."""

    table: str
    owner: str = "user_id"
    omit: tuple[str, ...] = ()

    @property
    def source(self) -> Table:
        return tables.metadata().tables[self.table]

    def mine(self, user: int) -> ColumnElement[bool]:
        return self.source.c[self.owner] == user

    def columns(self, _user: int) -> list[Any]:
        return [column for column in self.source.columns if column.name not in self.omit]


class OwnEvents(Owned):
    """Of the audit: what others did to one's own account without who, and of one's acts on others
    only that they happened."""

    def mine(self, user: int) -> ColumnElement[bool]:
        c = self.source.c
        # In the words of the index `idx_acts_on_others`.
        others = and_(c.actor_id == user, c.actor_id.is_distinct_from(c.learner_id))
        return or_(c.learner_id == user, others)

    def columns(self, user: int) -> list[Any]:
        c = self.source.c
        by = case(
            (c.actor_id == user, literal("you")),
            (c.actor_id.is_(None), literal("the service")),
            else_=literal("somebody who runs the course"),
        )
        about = c.learner_id.is_not_distinct_from(user)
        return [
            c.id,
            c.created_at,
            c.kind,
            by.label("by"),
            case((about, c.target)).label("target"),
            case((about, c.data)).label("data"),
        ]


EXPORTED = (
    Owned(
        "app_user",
        "id",
        omit=("email", "display_name", "email_blind", "name_marks", "locked_at", "suspended_at"),
    ),
    Owned("user_profile"),
    Owned("session", omit=("session_token",)),
    Owned("problem_attempt"),
    Owned("submission_key", omit=("body_sha",)),
    Owned("problem_progress"),
    Owned("user_progress"),
    Owned("user_stats"),
    Owned("learner_day"),
    Owned("unlocked_hint"),
    Owned("achievement"),
    Owned("adaptive_difficulty"),
    Owned("adaptive_episode"),
    Owned("learning_analytics"),
    Owned("ai_interaction"),
    Owned("ai_consent"),
    Owned("regrade_item"),
    Owned("rate_limit"),
    Owned("data_request", omit=("link_sha", "username_mark", "github_mark")),
    OwnEvents("audit_event"),
)
#: Table with a column that names a person → why it is in no export.
NOT_EXPORTED = {"data_export": "it is such a copy itself"}

#: Table → why an erasure leaves rows with the number of somebody who is not there any more.
KEPT = {
    "audit_event": "what was done stays provable; the number belongs to nobody then",
    "data_request": "says that it was carried out, and finds the person in a restored copy",
}
#: What stays of analytics, without the person and with the day in place of the time.
ANALYTICS = "learning_analytics"
STAYS = (
    "problem_id",
    "session_duration",
    "errors_made",
    "help_requests",
    "completion_rate",
    "code_quality_score",
    "engagement_level",
)
#: Made new: the id would tell the attempt, the time the moment.
MADE_ANEW = ("id", "created_at", "user_id")


def shown(value: Any) -> Any:
    """A JSON value without what a hidden test must not tell, wherever it stands in it."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    if not isinstance(value, dict):
        return value
    hidden = value.get("visible", "sample") != "sample"
    return {
        name: shown(item)
        for name, item in value.items()
        if not (hidden and name in ONLY_OF_SAMPLES)
    }
