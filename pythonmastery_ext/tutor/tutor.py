"""The tutor as the rest of the service knows it: Gemini, and built-in help where it is away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pythonmastery_ext.config import Settings
from pythonmastery_ext.schema import TutorStatus
from pythonmastery_ext.tutor import builtin
from pythonmastery_ext.tutor.context import TutorContext
from pythonmastery_ext.tutor.exchange import Blocked, Cut, NoAnswer, Piece, TutorDown
from pythonmastery_ext.tutor.gemini import GeminiClient
from pythonmastery_ext.tutor.prompt import Prompt
from pythonmastery_ext.tutor.schema import State

NO_KEY = (
    "The AI tutor is not set up here: this service has no key for Gemini. "
    "Hints and this built-in help work without it."
)
#: Above each answer, where the status has told the reason already.
BUILT_IN = "This is built-in help: the AI tutor is not set up here."
DECLINED = (
    "This is built-in help: you have not agreed that your questions are sent to Gemini. "
    "You can change that in the Tutor panel."
)
STOPPED = "Gemini's safety filter stopped this answer. Ask in other words, or open a hint."
#: How long after its deadline an answer that nobody finished counts as cut.
GRACE = timedelta(seconds=60)


@dataclass(kw_only=True)
class Answer:
    """What has been shown so far; "cut" until it has come to another end."""

    source: Literal["gemini", "built_in"] = "built_in"
    state: State = "cut"
    text: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None

    def show(self, text: str) -> str:
        """The text as it can be stored: without NUL, and without halves of surrogate pairs."""
        clean = text.replace("\0", "").encode("utf-8", "replace").decode()
        self.text += clean
        return clean

    def count(self, piece: Piece) -> None:
        if piece.input_tokens is not None:
            self.input_tokens = piece.input_tokens
        if piece.output_tokens is not None:
            self.output_tokens = piece.output_tokens


class Tutor:
    """One for the process."""

    def __init__(self, settings: Settings) -> None:
        self.daily_messages = settings.tutor_daily_messages
        self.abandoned_after = timedelta(seconds=settings.tutor_deadline_seconds) + GRACE
        self.gemini: GeminiClient | None = None
        self._warming: asyncio.Task[object] | None = None
        if settings.gemini_api_key:
            self.gemini = GeminiClient(
                settings.gemini_api_key,
                settings.gemini_model,
                settings.gemini_base_url,
                settings.tutor_deadline_seconds,
            )

    @property
    def available(self) -> bool:
        return self.why is None

    @property
    def why(self) -> str | None:
        """Why Gemini is not asked right now, in a sentence."""
        if self.gemini is None:
            return NO_KEY
        return self.gemini.breaker.why if self.gemini.breaker.rest() else None

    @property
    def needs_consent(self) -> bool:
        """Whether there is somebody that a learner's words could be sent to."""
        return self.gemini is not None

    @property
    def model(self) -> str | None:
        return self.gemini.model if self.gemini is not None else None

    def most(self, amount: int | None) -> int:
        """Questions of a learner in 24 hours; `amount` is what an admin set in place of ours."""
        return self.daily_messages if amount is None else amount

    def status(self, remaining_today: int | None = None, off: str | None = None) -> TutorStatus:
        """`off`: why it is switched off for everybody."""
        return TutorStatus(
            available=self.available and off is None,
            model=self.model,
            why=off or self.why,
            remaining_today=remaining_today,
        )

    def warm_up(self) -> None:
        """Begins what would make the first question slow; returns at once."""
        if self.gemini is not None and self._warming is None:
            self._warming = asyncio.create_task(self.gemini.connect(), name="tutor warm-up")

    async def close(self) -> None:
        if self._warming is not None:
            await asyncio.gather(self._warming, return_exceptions=True)
        if self.gemini is not None:
            await self.gemini.close()

    async def answer(
        self, prompt: Prompt, context: TutorContext, answer: Answer, *, agreed: bool
    ) -> AsyncGenerator[str, None]:
        """Pieces of text as they may be shown; `answer` is kept in step, also when this is left.

        Nothing is sent to Gemini unless the learner has `agreed`.
        """
        if builtin.at_once(context):
            yield answer.show(builtin.explain(context, why=None))
            answer.state = "complete"
            return
        failure: NoAnswer | None = None
        try:
            async with aclosing(self._ask(prompt, answer, agreed)) as texts:
                async for text in texts:
                    yield text
        except NoAnswer as error:
            failure = error
        if failure is None:
            answer.state = "complete"
        elif isinstance(failure, Blocked):
            answer.state = "blocked"
            if not answer.text:
                yield answer.show(STOPPED)
        elif not answer.text:
            answer.source = "built_in"
            yield answer.show(builtin.explain(context, why=_why(failure)))
            answer.state = "complete"

    async def _ask(self, prompt: Prompt, answer: Answer, agreed: bool) -> AsyncGenerator[str, None]:
        if self.gemini is None:
            raise TutorDown(BUILT_IN)
        if not agreed:
            raise TutorDown(DECLINED)
        answer.source = "gemini"
        async with aclosing(self.gemini.stream(prompt.system, prompt.contents)) as pieces:
            async for piece in pieces:
                answer.count(piece)
                if piece.text:
                    yield answer.show(piece.text)


def _why(failure: NoAnswer) -> str:
    if isinstance(failure, Cut):
        return "The AI tutor's answer broke off before it began."
    return str(failure)
