"""What can go wrong between a kernel and the API. Each text is a sentence for the learner.

Trouble
├── NoServer          no Jupyter server with PythonMastery was found
├── ServerAway        the server does not answer
├── Refused           the API said no; its own sentence
│   └── Unavailable   503, for longer than we wait
├── OddAnswer         the answer is not of the form that this version knows
├── StillWaiting      the attempt is stored but not graded yet
├── NoAnswer          no cell that can be sent
├── NoProblem         it is not known which problem is meant
├── NotebookThere     a file of that name exists
└── BadCommand        the magic was called with words that it does not know
"""

from inspect import cleandoc


class Trouble(Exception):
    """Something went wrong; try again."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)


class NoServer(Trouble):
    """No running Jupyter server with PythonMastery was found.

    Start one with `pythonmastery lab`, or set PYTHONMASTERY_URL and PYTHONMASTERY_TOKEN to one that
    is running."""


class ServerAway(Trouble):
    """The PythonMastery server does not answer.

    Your code is safe in its cell; check that the server is running and try again."""


class Refused(Trouble):
    """The server refused the request."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class Unavailable(Refused):
    """The service is not available right now."""


class OddAnswer(Trouble):
    """The server answered in a form that this version of PythonMastery does not understand.

    Install the same version in the kernel's environment as on the server."""


class StillWaiting(Trouble):
    """Your code was received and is kept, but it is not graded yet.

    See how it does with `%pythonmastery result`."""


class NoAnswer(Trouble):
    """There is no cell to send yet."""


class NoProblem(Trouble):
    """Which problem do you mean?

    Choose one with `%pythonmastery use SLUG`; `%pythonmastery problems` lists them."""


class NotebookThere(Trouble):
    """There is a file of this name already, and it was left as it is."""


class BadCommand(Trouble):
    """There is no such command; `%pythonmastery help` lists them."""
