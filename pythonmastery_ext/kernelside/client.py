"""The API as methods: one call each, typed answers, refusals as sentences."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import ValidationError

from pythonmastery_ext.attempts.schema import AttemptOut, AttemptPage, Kind
from pythonmastery_ext.curriculum.schema import CourseOut, NotebookOut, ProblemOut
from pythonmastery_ext.hints.schema import HintsOut
from pythonmastery_ext.kernelside.errors import (
    OddAnswer,
    Refused,
    ServerAway,
    StillWaiting,
    Unavailable,
)
from pythonmastery_ext.kernelside.servers import Address
from pythonmastery_ext.schema import ErrorOut
from pythonmastery_ext.tutor.schema import ConsentOut, MessageType, TutorMessageOut, TutorPage
from pythonmastery_ext.wire import WireOut

Answer = TypeVar("Answer", bound=WireOut)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds."""

    #: For one response.
    response: float = 10.0
    #: For a service that says 503 or, where repeating is safe, does not answer.
    again: float = 20.0
    #: For a verdict.
    verdict: float = 60.0
    #: Between two parts of a tutor's answer; the server sends a sign of life each 15 s.
    silence: float = 45.0


class Api:
    """A connection to the API; may be used by several threads."""

    def __init__(self, address: Address, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._http = address.client(httpx.Timeout(self.patience.response))

    def close(self) -> None:
        self._http.close()

    def course(self) -> CourseOut:
        return self._call(CourseOut, "GET", "problems")

    def problem(self, slug: str) -> ProblemOut:
        return self._call(ProblemOut, "GET", _at("problems", slug))

    def notebook(self, slug: str) -> NotebookOut:
        return self._call(NotebookOut, "GET", _at("problems", slug, "notebook"))

    def send(self, slug: str, kind: Kind, code: str, key: UUID) -> AttemptOut:
        """Hand in code; with the same key it is taken once, however often it is sent."""
        body = {"key": str(key), "kind": kind, "code": code}
        return self._call(AttemptOut, "POST", _at("problems", slug, "attempts"), body, repeat=True)

    def attempt(self, attempt_id: UUID) -> AttemptOut:
        return self._call(AttemptOut, "GET", _at("attempts", str(attempt_id)))

    def latest(self, slug: str) -> AttemptOut | None:
        page = self._call(AttemptPage, "GET", _at("problems", slug, "attempts") + "?limit=1")
        return self.attempt(page.attempts[0].id) if page.attempts else None

    def graded(self, attempt: AttemptOut, waiting: Callable[[AttemptOut], None]) -> AttemptOut:
        """Ask until there is a verdict; `waiting` sees each answer that is none yet."""
        deadline = time.monotonic() + self.patience.verdict
        pause = 0.05
        while attempt.status == "waiting":
            waiting(attempt)
            if time.monotonic() + pause > deadline:
                raise StillWaiting
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
            attempt = self.attempt(attempt.id)
        return attempt

    def hints(self, slug: str) -> HintsOut:
        return self._call(HintsOut, "GET", _at("problems", slug, "hints"))

    def open_hint(self, slug: str, order: int) -> HintsOut:
        return self._call(HintsOut, "POST", _at("problems", slug, "hints", str(order)), {})

    def messages(self, slug: str, limit: int = 10) -> TutorPage:
        query = f"?problem={quote(slug, safe='')}&limit={limit}"
        return self._call(TutorPage, "GET", "tutor/messages" + query)

    def ask(
        self, slug: str | None, message_type: MessageType, message: str, code: str | None
    ) -> httpx.Response:
        """The open stream of an answer; the caller closes it, which also stops the tutor."""
        body = {"problem": slug, "message_type": message_type, "message": message, "code": code}
        request = self._http.build_request(
            "POST",
            "tutor/messages",
            content=json.dumps(body),
            headers={"Content-Type": "application/json", "Accept": "text/event-stream"},
            timeout=httpx.Timeout(self.patience.response, read=self.patience.silence),
        )
        try:
            response = self._http.send(request, stream=True)
            if response.status_code != httpx.codes.OK:
                response.read()
        except httpx.TransportError as error:
            raise ServerAway from error
        if response.status_code != httpx.codes.OK:
            raise _refusal(response)
        return response

    def rate(self, message_id: UUID, rating: int) -> TutorMessageOut:
        path = _at("tutor", "messages", str(message_id), "rating")
        return self._call(TutorMessageOut, "POST", path, {"rating": rating})

    def consent(self) -> ConsentOut:
        return self._call(ConsentOut, "GET", "tutor/consent")

    def decide(self, *, agreed: bool) -> ConsentOut:
        """The learner's answer to the text as it is now."""
        body = {"agreed": agreed, "version": self.consent().version}
        return self._call(ConsentOut, "PUT", "tutor/consent", body)

    def _call(
        self,
        answer: type[Answer],
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        repeat: bool = False,
    ) -> Answer:
        """`repeat`: sending the same again is harmless even if the first one did arrive."""
        # json.dumps escapes lone surrogates, so that the server can say what is wrong with them.
        content = None if body is None else json.dumps(body)
        deadline = time.monotonic() + self.patience.again
        while True:
            response = self._once(method, path, content, may_fail=repeat)
            if response is not None and response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            pause = _retry_after(response)
            if time.monotonic() + pause > deadline:
                break
            time.sleep(pause)
        if response is None:
            raise ServerAway
        if not response.is_success:
            raise _refusal(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise OddAnswer from error

    def _once(
        self, method: str, path: str, content: str | None, *, may_fail: bool
    ) -> httpx.Response | None:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            return self._http.request(method, path, content=content, headers=headers)
        except httpx.TransportError as error:
            if may_fail:
                return None
            raise ServerAway from error


def _at(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _retry_after(response: httpx.Response | None) -> float:
    """Seconds, at least a quarter so that a zero does not make us hammer."""
    try:
        asked = float(response.headers.get("Retry-After", "1")) if response is not None else 1.0
    except ValueError:
        asked = 1.0
    return max(asked, 0.25)


def _refusal(response: httpx.Response) -> Refused:
    """The API's own sentence, or ours where something else answered in its place."""
    status = response.status_code
    try:
        message = ErrorOut.model_validate_json(response.content).error.message
    except ValidationError:
        message = _plain_refusal(status)
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return Unavailable(message, status=status, retry_after=_retry_after(response))
    return Refused(message, status=status)


def _plain_refusal(status: int) -> str:
    if status in {302, 401, 403}:
        return (
            "The server does not accept this kernel's token; set PYTHONMASTERY_TOKEN to the token "
            "that the server printed at its start."
        )
    if status == httpx.codes.NOT_FOUND:
        return "The server has no PythonMastery; install it there, or set PYTHONMASTERY_URL."
    return f"The server could not do this (status {status}); try again in a moment."
