"""Every refusal that the API can answer with, as one tree.

    Refusal                       400
    ├── BadRequest                400
    │   ├── NotJson               400
    │   ├── BodyTooLarge          413
    │   ├── CodeEmpty             422
    │   ├── CodeTooLarge          413
    │   ├── CodeNotText           422
    │   ├── InvalidFields         422
    │   └── MethodNotAllowed      405
    ├── NotSignedIn               401
    ├── NotAllowed                403
    │   ├── AccountLocked         403
    │   ├── ConsentNeeded         403
    │   ├── ProblemLocked         403
    │   └── HintLocked            403
    ├── NotFound                  404
    │   ├── UnknownExport         404
    │   ├── UnknownProblem        404
    │   ├── UnknownAttempt        404
    │   ├── UnknownHint           404
    │   ├── UnknownSession        404
    │   ├── UnknownUser           404
    │   ├── UnknownMessage        404
    │   └── UnknownLimit          404
    ├── KeyReused                 409
    ├── ProfileChanged            409
    ├── TooManySessions           409
    ├── LastAdmin                 409
    ├── ExportNotReady            409
    ├── ErasureNotOpen            409
    ├── TooManyWaiting            429
    ├── TooManyMessages           429
    ├── TooManyStreams            429
    ├── TooManyRequests           429
    └── Unavailable               503
        ├── Starting              503
        ├── DatabaseAway          503
        └── AuthorityAway         503

The docstring of a class is the sentence that a person reads, unless an instance says more.
"""

import re
from inspect import cleandoc
from typing import Any, ClassVar


class Refusal(Exception):
    """The request cannot be carried out."""

    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: list[dict[str, Any]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message or cleandoc(type(self).__doc__ or "")
        #: One `{"field": "a.b", "message": "…"}` for each field that is wrong.
        self.fields = fields
        #: Seconds after which the same request may succeed; sent as `Retry-After` too.
        self.retry_after = retry_after
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The class name in snake case, for programs."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class BadRequest(Refusal):
    """The request is not of the form that this address takes."""


class NotJson(BadRequest):
    """The body of the request is not a JSON object; send one with Content-Type application/json."""


class BodyTooLarge(BadRequest):
    """This is more than 8 MB, and code may have 64 KB: was data pasted by accident?"""

    status = 413


class InvalidFields(BadRequest):
    """Some fields of the request are missing or wrong."""

    status = 422


class MethodNotAllowed(BadRequest):
    """This address does not take this verb."""

    status = 405


class CodeEmpty(BadRequest):
    """There is no code to run yet: write your solution in the answer cell first."""

    status = 422


class CodeTooLarge(BadRequest):
    """The code is larger than 64 KB; a solution is far shorter: was data pasted by accident?"""

    status = 413


class CodeNotText(BadRequest):
    """The code holds a character that Python source cannot have (NUL or half a surrogate pair)."""

    status = 422


class NotSignedIn(Refusal):
    """You are not signed in, or your session has ended; sign in again."""

    status = 401


class NotAllowed(Refusal):
    """You may not do this."""

    status = 403


class AccountLocked(NotAllowed):
    """This account is being erased, as its owner asked, so nobody can sign in to it any more."""


class ConsentNeeded(NotAllowed):
    """Say first whether your questions may be sent to Google Gemini: in the Tutor panel, or with
    `%pythonmastery tutor yes` or `%pythonmastery tutor no`. With no, the built-in help answers."""


class ProblemLocked(NotAllowed):
    """This problem is not open to you yet."""


class HintLocked(NotAllowed):
    """This hint is not open yet."""


class NotFound(Refusal):
    """There is nothing at this address."""

    status = 404


class UnknownProblem(NotFound):
    """There is no such problem in this course."""


class UnknownExport(NotFound):
    """This link leads to no copy of your data: it was used before or is older than 7 days."""


class UnknownAttempt(NotFound):
    """There is no such attempt of yours."""


class UnknownHint(NotFound):
    """This problem has no such hint."""


class UnknownMessage(NotFound):
    """There is no such message of yours."""


class UnknownSession(NotFound):
    """There is no such session of yours."""


class UnknownUser(NotFound):
    """There is nobody of this name."""


class ProfileChanged(Refusal):
    """Your profile was changed in another window; fetch it again before you change it."""

    status = 409


class TooManySessions(Refusal):
    """You have too many sessions: twenty may be active and fifty made in a day; revoke some."""

    status = 409


class LastAdmin(Refusal):
    """This is the last admin; make somebody else an admin first, or use --force."""

    status = 409


class UnknownLimit(NotFound):
    """Nobody of this number has done anything that this limit counts."""


class KeyReused(Refusal):
    """This submission key was used before with other code; send the new code with a new key."""

    status = 409


class ExportNotReady(Refusal):
    """The copy of your data is still being made; try this link again in a minute."""

    status = 409


class ErasureNotOpen(Refusal):
    """There is no request to erase your account that could be taken back."""

    status = 409


class TooManyWaiting(Refusal):
    """You already have three attempts waiting; send the next one when one of them is graded."""

    status = 429


class TooManyMessages(Refusal):
    """You have asked the tutor as often as a day allows; the hints are still open to you."""

    status = 429


class TooManyStreams(Refusal):
    """You have too many windows open on this course; close some of them."""

    status = 429


class TooManyRequests(Refusal):
    """You are doing this too often; wait a moment and try again."""

    status = 429


class Unavailable(Refusal):
    """The service is not available right now; nothing was lost, try again in a moment."""

    status = 503


class Starting(Unavailable):
    """The service is still starting; try again in a moment."""


class DatabaseAway(Unavailable):
    """The database cannot be reached; your work is safe in the notebook, try again in a moment."""


class AuthorityAway(Unavailable):
    """The PythonMastery service cannot be reached; your work is safe, try again soon."""
