"""What every handler shares: JSON in and out, refusals as JSON, and event streams.

The handlers build on Jupyter Server's APIHandler, so the same classes run inside a Jupyter server
and in a bare Tornado application whose settings hold an identity provider and an authorizer.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from pythonmastery_ext import body, errors
from pythonmastery_ext.errors import Refusal
from pythonmastery_ext.operations import Operation, Route
from pythonmastery_ext.schema import ROLES, ErrorBody, ErrorOut, Role

if TYPE_CHECKING:
    from pythonmastery_ext.authority import Authority
    from pythonmastery_ext.identity import Learner

M = TypeVar("M", bound=BaseModel)

__all__ = ["AUTHORITY", "PREFIX", "ApiHandler", "EventWriter", "Operation", "Route"]

PREFIX = "pythonmastery/api/v1/"
#: Key of the Tornado settings under which the handlers find their authority.
AUTHORITY = "pythonmastery_authority"
HEARTBEAT_SECONDS = 15.0
#: Bytes; below what the authority reads at all, so that a relay can tell of it too.
LARGEST_BODY = 8 * 1024 * 1024
#: Verbs whose every call counts against the learner's limit of writes.
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: The limit of every write that has none of its own.
WRITE = "write"
#: Act that is limited → the feature that it belongs to, which an admin may switch off.
FEATURE_OF = {"submit": "submitting", "chat": "tutor"}
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class EventWriter:
    """Writes server-sent events; made by `ApiHandler.stream`."""

    def __init__(self, handler: "ApiHandler") -> None:
        self._handler = handler

    async def send(
        self,
        event: str,
        data: BaseModel | Mapping[str, Any],
        id: int | None = None,  # noqa: A002
    ) -> None:
        text = data.model_dump_json() if isinstance(data, BaseModel) else json.dumps(data)
        head = f"id: {id}\n" if id is not None else ""
        await self._write(f"{head}event: {event}\ndata: {text}\n\n")

    async def comment(self, text: str) -> None:
        await self._write(f": {text}\n\n")

    async def _write(self, text: str) -> None:
        self._handler.write(text)
        await self._handler.flush()


class ApiHandler(APIHandler):
    """Base of all handlers of the API."""

    auth_resource = "pythonmastery"
    _task: asyncio.Task[Any] | None = None
    _learner: "Learner"

    def initialize(self) -> None:
        given = self.request.headers.get("X-Request-Id", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        self.set_header("X-Request-Id", self.request_id)

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        if not self.current_user and self.request.method != "OPTIONS":
            raise errors.NotSignedIn
        if len(self.request.body) > LARGEST_BODY:
            raise errors.BodyTooLarge

    @property
    def authority(self) -> "Authority":
        found: Authority = self.settings[AUTHORITY]
        return found

    async def learner(
        self, at_least: Role = "student", *, limit: str = WRITE, key: UUID | None = None
    ) -> "Learner":
        """Who is asking, from the verified identity only; Starting until there is a database.

        NotAllowed for a lesser role. A call that may write is counted here, see `limit`.
        """
        self._learner = learner = await self.authority.learner(self.current_user)
        if self.request.method in WRITING:
            if limit in FEATURE_OF:
                await self.authority.features.check(FEATURE_OF[limit])
            await self.limit(*dict.fromkeys((limit, WRITE)), key=key)
        if ROLES.index(learner.role) < ROLES.index(at_least):
            raise errors.NotAllowed
        return learner

    async def limit(self, *actions: str, key: UUID | None = None) -> None:
        """TooManyRequests if the learner does this too often, counted whatever becomes of the call.

        After `learner`. The first action with the same key again is the same act, and is free.
        """
        await self.authority.limits.take(self._learner, actions, key)

    def read(self, model: type[M]) -> M:
        """The body of the request; NotJson, InvalidFields or CodeNotText."""
        return body.parse(self.request.body, model)

    def read_limit(self, most: int, default: int = 20) -> int:
        """`?limit=`, from 1 to `most`; InvalidFields."""
        text = self.get_query_argument("limit", "") or str(default)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
            raise errors.InvalidFields(
                fields=[{"field": "limit", "message": f"is a whole number from 1 to {most}"}]
            )
        return int(text)

    def reply(self, model: BaseModel, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(model.model_dump_json())

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[EventWriter]:
        """`async with self.stream() as events: await events.send(…)`, with heartbeats.

        When the client goes away the block is cancelled (asyncio.CancelledError at its await);
        use try/finally in it for what must still be stored.
        """
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        writer = EventWriter(self)
        self.authority.sign_in.watch(self, self._learner)
        async with self.until_client_goes():
            await self.flush()
            beat = asyncio.create_task(_beat(writer))
            try:
                yield writer
            finally:
                beat.cancel()
                with suppress(asyncio.CancelledError, StreamClosedError):
                    await beat
        if not self._finished:
            self.finish(set_content_type="text/event-stream")

    @asynccontextmanager
    async def until_client_goes(self) -> AsyncIterator[None]:
        """Cancels the block, and leaves it quietly, when the client closes the connection."""
        task = asyncio.current_task()
        self._task = task
        try:
            yield
        except asyncio.CancelledError:
            if self._task is not None or task is None:
                raise
            task.uncancel()
        except StreamClosedError:
            self.log.debug("the client of request %s has gone", self.request_id)
        finally:
            self._task = None

    def on_connection_close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        super().on_connection_close()

    def on_finish(self) -> None:
        """Also of refused and unknown requests; a relay counts nothing."""
        if AUTHORITY in self.settings:
            self.authority.metrics.answered(self)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        refusal = self._refusal(status_code, kwargs.get("exc_info"))
        if refusal is not None:
            status_code = refusal.status
        self.set_status(status_code)
        self.set_header("X-Request-Id", self.request_id)
        if refusal is None:
            told = ErrorBody(
                code="internal",
                message="Something went wrong on our side; nothing was lost. "
                "Try again, and tell the number of this request if it happens again.",
                request_id=self.request_id,
            )
        else:
            if refusal.retry_after is not None or status_code == 503:
                self.set_header("Retry-After", str(refusal.retry_after or 2))
            told = ErrorBody.model_validate(
                {
                    "code": refusal.code,
                    "message": refusal.message,
                    "fields": refusal.fields,
                    "retry_after": refusal.retry_after,
                    "request_id": self.request_id,
                }
            )
        self.finish(ErrorOut(error=told).model_dump_json())

    def _refusal(self, status_code: int, exc_info: Any) -> Refusal | None:
        """The refusal behind an exception; Tornado's own errors get one of ours."""
        error = exc_info[1] if exc_info else None
        if isinstance(error, Refusal):
            return error
        if status_code == 403:
            return errors.NotAllowed() if self.current_user else errors.NotSignedIn()
        if status_code == 404:
            return errors.NotFound()
        if status_code == 405:
            return errors.MethodNotAllowed()
        return errors.BadRequest() if 400 <= status_code < 500 else None

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, Refusal):
            self.log.debug("%s %s: %s", self.request.method, self.request.path, value.code)
        elif isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
        else:
            self.log.error("request %s failed", self.request_id, exc_info=(typ, value, tb))


async def _beat(writer: EventWriter) -> None:
    """Comments keep proxies from closing a silent stream, and find clients that have vanished."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await writer.comment("heartbeat")
