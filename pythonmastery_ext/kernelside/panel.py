"""The panel, for front ends that show Jupyter widgets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from IPython.core.events import EventManager

from pythonmastery_ext.attempts.schema import AttemptOut, Kind
from pythonmastery_ext.curriculum.schema import CourseOut
from pythonmastery_ext.kernelside import views
from pythonmastery_ext.kernelside.errors import NoProblem, ServerAway, Trouble
from pythonmastery_ext.kernelside.layout import HINTS, RESULTS, Layout
from pythonmastery_ext.kernelside.page import Page, show
from pythonmastery_ext.kernelside.session import Session
from pythonmastery_ext.kernelside.stream import Stop
from pythonmastery_ext.tutor.schema import TutorMessageOut

_REPAINT_SECONDS = 0.1


class Panel(Layout):
    """Each press is worked on in a thread, one at a time, so that the kernel stays free."""

    def __init__(self, session: Session, events: EventManager) -> None:
        super().__init__()
        self._session = session
        self._events = events
        self._busy = threading.Lock()
        self._stop = Stop()
        self._talk: list[TutorMessageOut] = []
        self._wire()
        events.register("post_run_cell", self._preview)

    def show(self, without_widgets: str) -> None:
        """Display it; `without_widgets` is for front ends that have only text."""
        bundle = self.box._repr_mimebundle_()
        show({**bundle, "text/plain": without_widgets})
        self._start("Loading the course…", self._load)

    def close(self) -> None:
        self._events.unregister("post_run_cell", self._preview)
        self._stop.press()
        self.box.close()
        self._session.close()

    def _wire(self) -> None:
        self.problem.observe(self._chosen, names="value")
        self.stop.on_click(lambda _: self._stop.press())
        presses: list[tuple[Any, str, Callable[[], str]]] = [
            (self.check, "Checking…", lambda: self._send("check")),
            (self.submit, "Submitting…", lambda: self._send("submit")),
            (self.make, "Making the notebook…", self._make),
            (self.again, "Looking for the newest result…", self._look),
            (self.hint, "Opening the hint…", self._open_hint),
            (self.ask, "The tutor is reading your question…", self._ask),
            (self.rate, "Sending your rating…", self._rate),
        ]
        self._pressable = [button for button, _, _ in presses]
        for button, saying, work in presses:
            button.on_click(lambda _, saying=saying, work=work: self._start(saying, work))

    def _start(self, saying: str, work: Callable[[], str]) -> None:
        """`work` returns what to say at its end. While one is worked on, others do nothing."""
        if not self._busy.acquire(blocking=False):
            return
        self._enable(False)
        self._say(views.sentence(saying))
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], str]) -> None:
        try:
            self._say(views.sentence(work()))
        except Trouble as error:
            if isinstance(error, ServerAway):
                self._session.close()
            self._say(views.sentence(error.message, alert=True))
        except Exception:
            told = "The panel met an error of its own; call %pythonmastery again for a new one."
            self._say(views.sentence(told, alert=True))
            raise
        finally:
            self._busy.release()
            self._enable(True)

    def _enable(self, on: bool) -> None:
        for widget in (*self._pressable, self.problem):
            widget.disabled = not on

    def _say(self, page: Page) -> None:
        self.status.value = f'<div role="status" aria-live="polite">{page.html}</div>'

    def _load(self) -> str:
        course = self._session.course()
        slug = self._start_with(course)
        self.problem.options = [
            (f"{problem.title} ({problem.state})", problem.slug) for problem in course.problems
        ]
        if slug is None:
            return "Choose a problem."
        self.problem.value = slug
        return self._show_problem(slug)

    def _start_with(self, course: CourseOut) -> str | None:
        try:
            slug = self._session.slug
        except NoProblem:
            return course.next
        return slug if any(problem.slug == slug for problem in course.problems) else course.next

    def _chosen(self, change: dict[str, Any]) -> None:
        slug = change["new"]
        if slug is not None:
            self._start("Loading the problem…", lambda: self._change(slug))

    def _change(self, slug: str) -> str:
        try:
            return self._show_problem(slug)
        except Trouble:
            # The choice must name what Check and Submit would send to.
            self.problem.value = self._session.chosen
            raise

    def _show_problem(self, slug: str) -> str:
        problem = self._session.choose(slug)
        self.task.value = views.task(problem).html
        latest = self._session.latest()
        nothing = views.sentence("Nothing yet: press Check or Submit.")
        self.results.value = (views.attempt(latest) if latest else nothing).html
        self.hints.value = views.hints(self._session.hints()).html
        self._talk = self._session.conversation()
        self.talk.value = views.tutor(self._talk).html
        self._preview()
        return f"{problem.title}: read the task, run your answer's cell, then press Check."

    def _preview(self, _: object = None) -> None:
        if not self._session.ready:
            return  # asking the server would hold up the cell that has just run
        try:
            answer = self._session.answer()
            page, title = views.sending(answer), f"Code that will be sent: cell [{answer.cell}]"
        except Trouble as error:
            page, title = views.sentence(error.message), "Code that will be sent: none yet"
        self.sending.value = page.html
        self.code.titles = (title,)

    def _send(self, kind: Kind) -> str:
        def waiting(attempt: AttemptOut) -> None:
            self._say(views.sentence(views.waiting(attempt)))

        attempt = self._session.send(kind, waiting=waiting)
        self._result(attempt)
        self.hints.value = views.hints(self._session.hints()).html
        return "Here is the result."

    def _result(self, attempt: AttemptOut) -> None:
        self.results.value = views.attempt(attempt).html
        self.tabs.selected_index = RESULTS

    def _look(self) -> str:
        attempt = self._session.latest()
        if attempt is None:
            return "You have not checked or submitted anything here yet."
        self._result(attempt)
        return "This is your newest result."

    def _make(self) -> str:
        path = self._session.write_notebook(self._session.slug)
        return f"{path.name} is made in {path.parent}; open it from there."

    def _open_hint(self) -> str:
        self.hints.value = views.hints(self._session.open_next_hint()).html
        self.tabs.selected_index = HINTS
        return "The hints are up to date."

    def _ask(self) -> str:
        self._stop = Stop()
        self.stop.disabled = False
        painted = 0.0

        def show(message: TutorMessageOut) -> None:
            nonlocal painted
            if time.monotonic() - painted > _REPAINT_SECONDS:
                painted = time.monotonic()
                self.talk.value = views.tutor([*self._talk, message]).html

        try:
            answer = self._session.ask(self.kind.value, self.question.value, show, self._stop)
        finally:
            self.stop.disabled = True
        self._talk.append(answer)
        self.talk.value = views.tutor(self._talk).html
        self.question.value = ""
        return "The tutor has answered."

    def _rate(self) -> str:
        rated = self._session.rate(self.stars.value)
        self._talk = [rated if message.id == rated.id else message for message in self._talk]
        self.talk.value = views.tutor(self._talk).html
        return "Thank you for the rating."
