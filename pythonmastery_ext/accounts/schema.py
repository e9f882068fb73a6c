"""Profiles and sessions on the wire."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from pythonmastery_ext.wire import WireIn, WireOut

FreeText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
#: One line without control characters, which neither a terminal nor the database should get.
Label = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"
    ),
]
DifficultyPreference = Literal["easier", "balanced", "harder"]
LeaderboardName = Literal["username", "display_name", "nobody"]
SessionKind = Literal["kernel", "cli", "teach"]
Scope = Literal["submit", "teach", "admin"]


class NotificationsIn(WireIn):
    """Only what is to change."""

    verdicts: bool = True
    achievements: bool = True
    streaks: bool = True


class NotificationsOut(WireOut):
    #: That an attempt was graded while another page was in front.
    verdicts: bool = True
    #: That an achievement was earned.
    achievements: bool = True
    #: That a streak ends today unless something is solved.
    streaks: bool = True


class ProfileIn(WireIn):
    """Only what is to change; null or nothing but spaces clears a text."""

    bio: FreeText | None = None
    learning_goals: FreeText | None = None
    difficulty_preference: DifficultyPreference = "balanced"
    notification_settings: NotificationsIn = NotificationsIn()
    leaderboard_opt_in: bool = False
    leaderboard_name: LeaderboardName = "username"
    #: `updated_at` as the client has it: if the profile has changed since, nothing is done.
    seen: AwareDatetime | None = None


class ProfileOut(WireOut):
    bio: str | None = None
    learning_goals: str | None = None
    difficulty_preference: DifficultyPreference = "balanced"
    notification_settings: NotificationsOut = NotificationsOut()
    #: Whether others may see this learner on leaderboards at all.
    leaderboard_opt_in: bool = False
    #: By which name; `nobody` shows the place without one.
    leaderboard_name: LeaderboardName = "username"
    #: Null until something was chosen.
    updated_at: AwareDatetime | None = None


class SessionIn(WireIn):
    #: What it is for, in the owner's words.
    label: Label
    kind: SessionKind = "cli"
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=3)] = ("submit",)
    #: For how long; null: as long as is usual for its kind.
    hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None


class SessionOut(WireOut):
    id: int
    label: str
    kind: SessionKind
    scopes: list[Scope]
    created_at: AwareDatetime
    expires_at: AwareDatetime
    #: To the minute; null if it was never used.
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    state: Literal["active", "expired", "revoked"]


class SessionMade(WireOut):
    session: SessionOut
    #: To be sent as `Authorization: Bearer …`; shown only now.
    token: str


class SessionsOut(WireOut):
    """Active ones, then ended ones of the last month; of each the newest first."""

    sessions: list[SessionOut]
