"""`%pythonmastery` and `%%pythonmastery`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from pythonmastery_ext.attempts.schema import AttemptOut, Kind
from pythonmastery_ext.kernelside import views
from pythonmastery_ext.kernelside.errors import BadCommand, ServerAway, Trouble
from pythonmastery_ext.kernelside.page import Page, show
from pythonmastery_ext.kernelside.session import Session
from pythonmastery_ext.tutor.schema import TutorMessageOut

HELP = (
    "%pythonmastery             the panel",
    "%pythonmastery problems    the course",
    "%pythonmastery use SLUG    choose a problem (not needed in its own notebook)",
    "%pythonmastery open SLUG   make the problem's notebook beside this one",
    "%pythonmastery task        what to do",
    "%pythonmastery code        the code that would be sent",
    "%pythonmastery check       run the sample tests on it",
    "%pythonmastery submit      run all tests on it, and keep the result",
    "%pythonmastery result      the newest result",
    "%pythonmastery hints       which hints there are",
    "%pythonmastery hint N      open hint N",
    "%pythonmastery ask TEXT    ask the tutor",
    "%pythonmastery tutor       what is sent to whom for that; tutor yes, tutor no: say if it may",
    "%pythonmastery rate N      rate the tutor's last answer, 1 to 5",
    "%%pythonmastery submit     first line of a cell: run it and submit exactly it (check, too)",
)


@magics_class
class PythonMasteryMagics(Magics):
    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session
        self._panels: list[Any] = []
        self._commands: dict[str, Callable[[str], Page | None]] = {
            "": self._panel,
            "panel": self._panel,
            "help": lambda _: help_page(),
            "problems": lambda _: views.course(session.course()),
            "use": self._use,
            "open": self._open,
            "task": lambda _: views.task(session.problem()),
            "code": lambda _: views.sending(session.answer()),
            "check": lambda _: self._send("check"),
            "submit": lambda _: self._send("submit"),
            "result": self._result,
            "hints": lambda _: views.hints(session.hints()),
            "hint": lambda rest: views.hints(session.open_hint(_number(rest, "hint"))),
            "ask": self._ask,
            "tutor": self._tutor,
            "rate": lambda rest: views.tutor([session.rate(_number(rest, "rate"))]),
        }

    @no_var_expand
    @line_cell_magic
    def pythonmastery(self, line: str, cell: str | None = None) -> None:
        """Learn Python on real problems; `%pythonmastery help` lists the commands."""
        try:
            page = self._line(line) if cell is None else self._cell(line, cell)
        except Trouble as error:
            if isinstance(error, ServerAway):
                self._session.close()
            page = views.sentence(error.message, alert=True)
        if page is not None:
            show(page.bundle())

    def close(self) -> None:
        for panel in self._panels:
            panel.close()
        self._panels.clear()
        self._session.close()

    def _line(self, line: str) -> Page | None:
        word, _, rest = line.strip().partition(" ")
        command = self._commands.get(word)
        if command is None:
            raise BadCommand
        return command(rest.strip())

    def _cell(self, line: str, cell: str) -> Page | None:
        word, _, slug = line.strip().partition(" ")
        if word == "ask":
            return self._ask(cell)
        if word not in {"check", "submit"}:
            raise BadCommand("A cell can begin with %%pythonmastery submit, check or ask.")
        if slug.strip():
            self._session.choose(slug.strip())
        self._shell.run_cell(cell)  # type: ignore[no-untyped-call]
        return self._send("check" if word == "check" else "submit", cell)

    def _panel(self, rest: str) -> Page | None:
        if rest:
            raise BadCommand
        if getattr(self._shell, "kernel", None) is None:
            return help_page()
        try:
            from pythonmastery_ext.kernelside.panel import Panel
        except ImportError:
            return help_page()
        panel = Panel(self._session.another(), self._shell.events)
        self._panels.append(panel)
        panel.show(help_page().text)
        return None

    def _use(self, slug: str) -> Page:
        return views.task(self._session.choose(_word(slug, "use")))

    def _open(self, slug: str) -> Page:
        path = self._session.write_notebook(_word(slug, "open"))
        return views.sentence(f"{path.name} is made in {path.parent}; open it from there.")

    def _send(self, kind: Kind, code: str | None = None) -> Page:
        said: set[str] = set()

        def waiting(attempt: AttemptOut) -> None:
            # A verdict mostly comes at once; only a queue is worth a word.
            sentence = views.waiting(attempt)
            if attempt.queue_position and sentence not in said:
                said.add(sentence)
                show(views.sentence(sentence).bundle())

        return views.attempt(self._session.send(kind, code, waiting))

    def _result(self, _: str) -> Page:
        attempt = self._session.latest()
        if attempt is None:
            return views.sentence("You have not checked or submitted anything here yet.")
        return views.attempt(attempt)

    def _tutor(self, word: str) -> Page:
        if word not in ("", "yes", "no"):
            raise BadCommand("It is %pythonmastery tutor yes or %pythonmastery tutor no.")
        api = self._session.api
        return views.consent(api.decide(agreed=word == "yes") if word else api.consent())

    def _ask(self, text: str) -> Page | None:
        if not text.strip():
            raise BadCommand("Write the question behind it: %pythonmastery ask TEXT")
        if getattr(self._shell, "kernel", None) is None:
            return views.tutor([self._session.ask("question", text.strip())])
        first = views.sentence("The tutor is reading your question…")
        handle = show(first.bundle(), changing=True)

        def repaint(message: TutorMessageOut) -> None:
            handle.update(views.tutor([message]).bundle(), raw=True)

        repaint(self._session.ask("question", text.strip(), repaint))
        return None


def help_page() -> Page:
    page = Page()
    page.code("PythonMastery", "\n".join(HELP))
    return page


def _word(text: str, command: str) -> str:
    if not text or " " in text:
        raise BadCommand(
            f"Name one problem: %pythonmastery {command} SLUG; `%pythonmastery problems` lists "
            "them."
        )
    return text


def _number(text: str, command: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadCommand(f"Name a number: %pythonmastery {command} 1")
    return int(text)
