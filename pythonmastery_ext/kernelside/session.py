"""What the learner is doing in this kernel; the magics and the panel both work through it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from IPython.core.interactiveshell import InteractiveShell

from pythonmastery_ext.attempts.schema import AttemptOut, Kind
from pythonmastery_ext.curriculum.schema import CourseOut, ProblemOut
from pythonmastery_ext.hints.schema import HintsOut
from pythonmastery_ext.kernelside import here
from pythonmastery_ext.kernelside.answer import Answer, find_answer
from pythonmastery_ext.kernelside.client import Api
from pythonmastery_ext.kernelside.errors import (
    NoAnswer,
    NoProblem,
    ServerAway,
    StillWaiting,
    Trouble,
    Unavailable,
)
from pythonmastery_ext.kernelside.servers import find_server
from pythonmastery_ext.kernelside.stream import Stop, follow
from pythonmastery_ext.tutor.schema import MessageType, TutorMessageOut


def _nobody(_: object) -> None:
    """For callers who do not want to see the steps between."""


class Session:
    """One learner at one problem at a time."""

    def __init__(self, shell: InteractiveShell, chosen: str | None = None) -> None:
        self._shell = shell
        self._api: Api | None = None
        self._lock = threading.Lock()
        self.chosen = chosen
        self._problems: dict[str, ProblemOut] = {}
        #: Keys of code that may or may not have arrived; the next press sends it with the same one.
        self._unsure: dict[tuple[str, Kind, str], UUID] = {}
        self._last_message: UUID | None = None

    @property
    def api(self) -> Api:
        with self._lock:
            if self._api is None:
                self._api = Api(find_server(here=here.folder(self._shell.user_ns)))
            return self._api

    def close(self) -> None:
        """Drop the connection; the next call looks for a server again."""
        with self._lock:
            if self._api is not None:
                self._api.close()
            self._api = None

    @property
    def slug(self) -> str:
        slug = self.chosen or here.current_problem(self._shell.user_ns)
        if slug is None:
            raise NoProblem
        return slug

    def another(self) -> Session:
        """A session of its own that begins at the same problem."""
        return Session(self._shell, self.chosen)

    @property
    def ready(self) -> bool:
        """Whether `answer` needs no server."""
        return self.chosen in self._problems

    def choose(self, slug: str) -> ProblemOut:
        problem = self.api.problem(slug)
        self.chosen = slug
        self._problems[slug] = problem
        return problem

    def course(self) -> CourseOut:
        return self.api.course()

    def problem(self) -> ProblemOut:
        """The current problem as the server has it now."""
        return self.choose(self.slug)

    def answer(self) -> Answer:
        """The code that would be sent now; asks the server only for a problem not seen yet."""
        known = self._problems.get(self.slug) or self.problem()
        manager = self._shell.history_manager
        history = [] if manager is None else manager.input_hist_raw
        return find_answer(history, known.entry)

    def send(
        self,
        kind: Kind,
        code: str | None = None,
        waiting: Callable[[AttemptOut], None] = _nobody,
    ) -> AttemptOut:
        """Hand in `code` (or the answer) once, whatever happens on the way, and await its verdict.

        Trouble if it could not be handed in; StillWaiting if it was, without a verdict yet.
        """
        slug = self.slug
        code = self.answer().code if code is None else code
        this = (slug, kind, code)
        key = self._unsure.setdefault(this, uuid4())
        try:
            attempt = self.api.send(slug, kind, code, key)
        except (ServerAway, Unavailable) as error:
            error.message += f" Do the same {kind} again later: the code is taken only once."
            raise
        except Trouble:
            del self._unsure[this]
            raise
        del self._unsure[this]
        try:
            return self.api.graded(attempt, waiting)
        except (ServerAway, Unavailable) as error:
            raise StillWaiting from error

    def latest(self) -> AttemptOut | None:
        return self.api.latest(self.slug)

    def hints(self) -> HintsOut:
        return self.api.hints(self.slug)

    def open_hint(self, order: int) -> HintsOut:
        return self.api.open_hint(self.slug, order)

    def open_next_hint(self) -> HintsOut:
        """Open the first hint that is not open yet; the server says if it may be."""
        before = self.hints()
        order = min((hint.order for hint in before.hints if hint.state != "opened"), default=None)
        return before if order is None else self.open_hint(order)

    def write_notebook(self, slug: str) -> Path:
        return here.write_notebook(self.api.notebook(slug), here.folder(self._shell.user_ns))

    def conversation(self) -> list[TutorMessageOut]:
        """The last messages about this problem, oldest first."""
        messages = self.api.messages(self.slug).messages
        if messages:
            self._last_message = messages[0].id
        return list(reversed(messages))

    def ask(
        self,
        message_type: MessageType,
        message: str,
        show: Callable[[TutorMessageOut], None] = _nobody,
        stop: Stop | None = None,
    ) -> TutorMessageOut:
        """Ask the tutor about the current problem; `show` sees the answer grow."""
        try:
            code: str | None = self.answer().code
        except NoAnswer:
            code = None
        response = self.api.ask(self.slug, message_type, message, code)
        answer = follow(response, show, stop or Stop())
        self._last_message = answer.id
        return answer

    def rate(self, rating: int) -> TutorMessageOut:
        if self._last_message is None:
            self.conversation()
        if self._last_message is None:
            raise Trouble("There is no answer of the tutor to rate yet; ask first.")
        return self.api.rate(self._last_message, rating)
