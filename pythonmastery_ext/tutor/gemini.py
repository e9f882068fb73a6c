"""Gemini over google-genai; the only module that imports it."""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

import httpx
from pydantic import ValidationError

from pythonmastery_ext.tutor.chunks import Problems, read
from pythonmastery_ext.tutor.exchange import (
    KeyRefused,
    ModelUnknown,
    NoAnswer,
    NotTaken,
    Piece,
    RateLimited,
    Turn,
    TutorDown,
)
from pythonmastery_ext.tutor.wait import Breaker, asked_wait

if TYPE_CHECKING:
    from google import genai
    from google.genai import types

    from pythonmastery_ext.tutor.chunks import Answer, Chunk

log = logging.getLogger(__name__)

#: Room for the model's own thinking too, which counts towards the same limit.
MAX_OUTPUT_TOKENS = 4096
#: Used where Gemini says "too many" and not for how long.
USUAL_WAIT = 20.0


#: Responses that were opened for the answer at hand.
_opened: ContextVar[list[httpx.Response]] = ContextVar("opened")


async def _remember(response: httpx.Response) -> None:
    _opened.get([]).append(response)


@asynccontextmanager
async def _connections_closed() -> AsyncGenerator[None, None]:
    """Hangs up at the end: an answer that is left early stays open in the SDK, which keeps cyclic
    references, until the garbage collector comes by; and Gemini goes on writing it."""
    opened: list[httpx.Response] = []
    _opened.set(opened)
    try:
        yield
    finally:
        for response in opened:
            await response.aclose()


class GeminiClient:
    """Streams answers. One for the process: it keeps connections and knows when Gemini is failing.

    `first_byte_seconds` bounds the silence before an answer begins, `deadline_seconds` the whole;
    `patience` is the longest wait between two tries that a person is asked for.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str = "",
        deadline_seconds: float = 60.0,
        *,
        first_byte_seconds: float = 20.0,
        tries: int = 3,
        backoff: float = 0.5,
        patience: float = 5.0,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = model
        self.breaker = breaker or Breaker(clock=clock)
        self._api_key = api_key.strip()
        self._base_url = base_url or None
        self._deadline = deadline_seconds
        self._first_byte = min(first_byte_seconds, deadline_seconds)
        self._tries = tries
        self._backoff = backoff
        self._patience = patience
        self._clock = clock
        self._client: genai.Client | None = None
        self._http: httpx.AsyncClient | None = None
        self._lock = asyncio.Lock()

    async def connect(self) -> "genai.Client":
        """The SDK's client. Importing the SDK takes over a second, so a thread does it, once."""
        async with self._lock:
            if self._client is not None:
                return self._client
            client, self._http = await asyncio.to_thread(self._make)
            self._client = client
            return client

    def _make(self) -> "tuple[genai.Client, httpx.AsyncClient]":
        from google import genai
        from google.genai import types

        # Ours, so that it is closed with us and one library's errors are all there are. It follows
        # no redirect, because the key would go with it.
        http = httpx.AsyncClient(event_hooks={"response": [_remember]})
        options = types.HttpOptions(
            base_url=self._base_url,
            httpx_async_client=http,
            timeout=int(self._deadline * 1000),
            # Without this the SDK sleeps up to 10 s and tries once more by itself.
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        client = genai.Client(vertexai=False, api_key=self._api_key, http_options=options)
        return client, http

    async def close(self) -> None:
        client, self._client = self._client, None
        http, self._http = self._http, None
        if client is not None:
            client.close()
        if http is not None:
            await http.aclose()

    async def stream(self, system: str, contents: Sequence[Turn]) -> AsyncGenerator[Piece, None]:
        """Pieces of text, then one with the tokens.

        Raises NoAnswer. Tries again only as long as nothing has come; where Gemini told the
        tokens, they come before the error.
        """
        if self.breaker.rest():
            raise TutorDown(self.breaker.why)
        await self.connect()
        end = self._clock() + self._deadline
        async with _connections_closed():
            answer, first = await self._begin(system, contents, end)
            pieces = read(answer, first, lambda: end - self._clock(), _sdk_problems())
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece

    async def _begin(
        self, system: str, contents: Sequence[Turn], end: float
    ) -> "tuple[Answer, Chunk | None]":
        """The stream and its first chunk."""
        tried = 0
        while True:
            tried += 1
            try:
                begun = await self._try(system, contents, end)
            except TutorDown as failure:
                wait = self._wait(failure, tried, end)
                if wait is None:
                    self.breaker.failed(str(failure), getattr(failure, "retry_after", None))
                    raise
                await asyncio.sleep(wait)
            else:
                self.breaker.worked()
                return begun

    def _wait(self, failure: TutorDown, tried: int, end: float) -> float | None:
        """Seconds before the next try; None if there should be none."""
        if not failure.again or tried >= self._tries:
            return None
        wait = self._backoff * 2.0 ** (tried - 1) * random.uniform(0.8, 1.2)  # noqa: S311
        if isinstance(failure, RateLimited):
            wait = max(wait, failure.retry_after)
        return wait if wait <= self._patience and self._clock() + wait < end else None

    async def _try(
        self, system: str, contents: Sequence[Turn], end: float
    ) -> "tuple[Answer, Chunk | None]":
        client = await self.connect()
        try:
            async with asyncio.timeout(min(self._first_byte, end - self._clock())):
                begun = await client.aio.models.generate_content_stream(
                    model=self.model, contents=_contents(contents), config=_config(system)
                )
                answer = cast("Answer", begun)
                return answer, await anext(answer, None)
        except _sdk_problems() as error:
            # The SDK's own text can hold anything that was sent: only its kind goes on.
            raise _explained(error) from None


def _config(system: str) -> "types.GenerateContentConfig":
    from google.genai import types

    return types.GenerateContentConfig(
        system_instruction=system,
        max_output_tokens=MAX_OUTPUT_TOKENS,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def _contents(turns: Sequence[Turn]) -> "list[types.ContentUnion]":
    from google.genai import types

    return [types.Content(role=t.role, parts=[types.Part(text=t.text)]) for t in turns]


def _sdk_problems() -> Problems:
    """What the SDK lets through: its own errors, and those of its transport and parsers."""
    from google.genai import errors

    return (
        errors.APIError,
        errors.UnknownApiResponseError,
        json.JSONDecodeError,
        ValidationError,
        UnicodeEncodeError,
        httpx.HTTPError,
        OSError,
    )


def _explained(error: Exception) -> NoAnswer:
    from google.genai import errors

    code = error.code if isinstance(error, errors.APIError) else None
    log.warning("Gemini did not answer: %s %s", type(error).__name__, code or "")
    if isinstance(error, UnicodeEncodeError):
        # Only the header with the key is not JSON or UTF-8.
        return KeyRefused()
    if not isinstance(error, errors.APIError):
        return TutorDown()
    reasons = json.dumps(error.details)
    if code in (401, 403) or '"API_KEY_INVALID"' in reasons:
        return KeyRefused()
    if code == 404:
        return ModelUnknown()
    if code == 429:
        headers = getattr(error.response, "headers", {})
        wait = asked_wait(headers, error.details)
        return RateLimited(USUAL_WAIT if wait is None else wait)
    return NotTaken() if code is not None and 400 <= code < 500 and code != 408 else TutorDown()
