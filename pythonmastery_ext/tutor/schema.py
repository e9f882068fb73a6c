"""The tutor on the wire."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from pythonmastery_ext.wire import WireIn, WireOut

MessageType = Literal["question", "hint_request", "explanation", "code_review"]
State = Literal["streaming", "complete", "cut", "blocked", "failed"]


class TutorMessageIn(WireIn):
    #: Slug; null for a general question.
    problem: str | None = None
    message_type: MessageType = "question"
    message: str = Field(default="", max_length=4000)
    #: The answer cell as it is now, saved or not.
    code: str | None = Field(default=None, max_length=65536)


class TutorMessageOut(WireOut):
    id: UUID
    problem: str | None
    message_type: MessageType
    user_message: str
    ai_response: str
    state: State
    source: Literal["gemini", "built_in"]
    model: str | None
    #: What was sent beside the message; shown under "What was sent".
    context: dict[str, Any] | None
    rating: int | None
    processing_time_ms: float | None
    created_at: datetime


class TutorPage(WireOut):
    messages: list[TutorMessageOut]
    #: Hand it back as `before` for earlier ones; null on the last page.
    before: str | None


class TutorDelta(WireOut):
    """Payload of each `delta` event in the answer's stream."""

    text: str


class RatingIn(WireIn):
    rating: int = Field(ge=1, le=5)


class ConversationsAbout(WireOut):
    """Questions about one error at one problem on one day."""

    #: In UTC.
    day: date
    #: Slug; null for general conversations.
    problem: str | None
    error: str
    questions: int
    learners: int
    rated_low: int


class ConversationsPage(WireOut):
    found: list[ConversationsAbout]
    #: Hand it back as `before` for earlier ones; null on the last page.
    before: str | None


class ConsentIn(WireIn):
    agreed: bool
    #: Of the text that was shown, as it came with it.
    version: str


class ConsentOut(WireOut):
    """What would be sent to whom, and what the learner said to it."""

    #: False: this service has no AI, so there is nothing to ask.
    needed: bool
    version: str
    #: Who receives it.
    to: str
    sent: list[str]
    never_sent: list[str]
    #: Null until the question in its present form was answered.
    agreed: bool | None
    decided_at: datetime | None
