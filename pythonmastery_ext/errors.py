"""Every refusal that the API can answer with, as one tree.

    Refusal          400
    ├── BadRequest   400  NotJson; 405 MethodNotAllowed; 413 BodyTooLarge, CodeTooLarge;
    │                     422 CodeEmpty, CodeNotText, InvalidFields
    ├── NotSignedIn  401  ServerSignedOut
    ├── NotAllowed   403  AccountLocked, AccountSuspended, ConsentNeeded, FormTooOld, HintLocked,
    │                     LeaderboardOff, NameTaken, NotYourself, ProblemLocked, SignUpsPaused,
    │                     TutorOff
    ├── NotFound     404  UnknownAttempt, …Export, …Feature, …Hint, …Limit, …Message, …Problem,
    │                     …Section, …Session, …User
    ├── …            409  ErasureNotOpen, ExportNotReady, KeyReused, LastAdmin, ProfileChanged,
    │                     SubmittingPaused, TooManySessions
    ├── …            429  TooManyMessages, TooManyRequests, TooManyStreams, TooManyWaiting
    └── Unavailable  503  AuthorityAway, DatabaseAway, HubAway, Starting

The docstring of a class is the sentence that a person reads, unless an instance says more.
"""

import re
from inspect import cleandoc
from typing import Any, ClassVar


class Refusal(Exception):
    """The request cannot be carried out."""

    status: ClassVar[int] = 400

    def __init_subclass__(cls, status: int | None = None) -> None:
        cls.status = status or cls.status

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


class BodyTooLarge(BadRequest, status=413):
    """This is more than 8 MB, and code may have 64 KB: was data pasted by accident?"""


class InvalidFields(BadRequest, status=422):
    """Some fields of the request are missing or wrong."""


class MethodNotAllowed(BadRequest, status=405):
    """This address does not take this verb."""


class CodeEmpty(BadRequest, status=422):
    """There is no code to run yet: write your solution in the answer cell first."""


class CodeTooLarge(BadRequest, status=413):
    """The code is larger than 64 KB; a solution is far shorter: was data pasted by accident?"""


class CodeNotText(BadRequest, status=422):
    """The code holds a character that Python source cannot have (NUL or half a surrogate pair)."""


class NotSignedIn(Refusal, status=401):
    """You are not signed in, or your session has ended; sign in again."""


class ServerSignedOut(NotSignedIn):
    """JupyterHub no longer knows this server; stop it on the hub's home page and start it again."""


class NotAllowed(Refusal, status=403):
    """You may not do this."""


class AccountLocked(NotAllowed):
    """This account is being erased, as its owner asked, so nobody can sign in to it any more."""


class NameTaken(NotAllowed):
    """This name belongs to another GitHub account here."""


class AccountSuspended(NotAllowed):
    """Your account was locked by an admin of this course; please ask the people who run it."""


class FormTooOld(NotAllowed):
    """This page was open for too long or in another sign-in; go back, load it again and repeat."""


class LeaderboardOff(NotAllowed):
    """The leaderboard is switched off in this course."""


class NotYourself(NotAllowed):
    """You cannot lock yourself out; another admin has to do it."""


class SignUpsPaused(NotAllowed):
    """This course takes no new people right now; please ask the people who run it."""


class TutorOff(NotAllowed):
    """The tutor is switched off in this course for now; the hints are still open to you."""


class ConsentNeeded(NotAllowed):
    """Say first whether your questions may be sent to Google Gemini: in the Tutor panel, or with
    `%pythonmastery tutor yes` or `%pythonmastery tutor no`. With no, the built-in help answers."""


class ProblemLocked(NotAllowed):
    """This problem is not open to you yet."""


class HintLocked(NotAllowed):
    """This hint is not open yet."""


class NotFound(Refusal, status=404):
    """There is nothing at this address."""


class UnknownProblem(NotFound):
    """There is no such problem in this course."""


class UnknownFeature(NotFound):
    """There is no such feature to switch."""


class UnknownSection(NotFound):
    """There is no such section in this course."""


class UnknownExport(NotFound):
    """This link leads to no copy of your data: it was used before or is older than 7 days."""


class UnknownAttempt(NotFound):
    """There is no such attempt."""


class UnknownHint(NotFound):
    """This problem has no such hint."""


class UnknownMessage(NotFound):
    """There is no such message."""


class UnknownSession(NotFound):
    """There is no such session."""


class UnknownUser(NotFound):
    """There is nobody of this name or number."""


class ProfileChanged(Refusal, status=409):
    """Your profile was changed in another window; fetch it again before you change it."""


class TooManySessions(Refusal, status=409):
    """You have too many sessions: twenty may be active and fifty made in a day; revoke some."""


class LastAdmin(Refusal, status=409):
    """This is the last admin; make somebody else an admin first, or use --force."""


class UnknownLimit(NotFound):
    """Nobody of this number has done anything that this limit counts."""


class KeyReused(Refusal, status=409):
    """This submission key was used before with other code; send the new code with a new key."""


class ExportNotReady(Refusal, status=409):
    """The copy of your data is still being made; try this link again in a minute."""


class ErasureNotOpen(Refusal, status=409):
    """There is no request to erase your account that could be taken back."""


class SubmittingPaused(Refusal, status=409):
    """Sending solutions is paused in this course; your work is safe in the notebook."""


class TooManyWaiting(Refusal, status=429):
    """You already have three attempts waiting; send the next one when one of them is graded."""


class TooManyMessages(Refusal, status=429):
    """You have asked the tutor as often as a day allows; the hints are still open to you."""


class TooManyStreams(Refusal, status=429):
    """You have too many windows open on this course; close some of them."""


class TooManyRequests(Refusal, status=429):
    """You are doing this too often; wait a moment and try again."""


class Unavailable(Refusal, status=503):
    """The service is not available right now; nothing was lost, try again in a moment."""


class Starting(Unavailable):
    """The service is still starting; try again in a moment."""


class DatabaseAway(Unavailable):
    """The database cannot be reached; your work is safe in the notebook, try again in a moment."""


class HubAway(Unavailable):
    """JupyterHub cannot be reached to ask what you may do; nothing was changed, try again soon."""


class AuthorityAway(Unavailable):
    """The PythonMastery service cannot be reached; your work is safe, try again soon."""
