"""A stand-in for Google's Gemini API on loopback; the name of the model chooses how it behaves.

`python -m tests.counterparts.gemini --port 0` prints its address and serves until interrupted.
"""

import argparse
import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import tornado.httpserver
import tornado.netutil
import tornado.web

KEY = "counterpart-key"
RPC = "type.googleapis.com/google.rpc"
BEHAVIOURS = (
    "good",
    "rate-limited",
    "error",
    "flaky",
    "hang",
    "slow",
    "cut",
    "stall",
    "blocked",
    "blocked-midway",
    "too-long",
    "empty",
    "broken-json",
)
ANSWER = """\
You are close, so let us look at **one thing only**.

The failing test hands your function a small input. Follow it by hand:

- What is the value of your result *before* the loop begins?
- Which line changes it, and how often does that line run?
- What does `return` hand back at the end?

To see it happen, print in the loop (take it out again before you submit):

```python
for item in items:
    print(item, total)
```

**Next step:** find the first round where the printed value is not the one you expect. \
What is special about that item?
"""


@dataclass(frozen=True)
class Seen:
    """One request, as it came."""

    path: str
    model: str
    method: str
    key: str | None
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Everything that left the tutor, for looking for what must not be in it."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass
class Counterpart:
    key: str = KEY
    #: Seconds between two pieces of an answer.
    pace: float = 0.0
    #: How often `flaky` fails before it works.
    fails: int = 2
    retry_after: int = 1
    seen: list[Seen] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)
    #: Answers whose reader went away before the end.
    abandoned: int = 0
    #: Set it and answers that hang or stall come to their end.
    released: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    _server: tornado.httpserver.HTTPServer | None = None

    async def start(self, port: int = 0) -> str:
        sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
        self._server = tornado.httpserver.HTTPServer(application(self))
        self._server.add_sockets(sockets)
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        return self.url

    async def stop(self) -> None:
        self.released.set()
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()


def part(text: str, finish: str | None = None) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": text}]}
    candidate: dict[str, Any] = {"content": content, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "counterpart", "responseId": "r-1"}


def usage(tokens: int) -> dict[str, Any]:
    return {
        "usageMetadata": {
            "promptTokenCount": 321,
            "candidatesTokenCount": tokens,
            "totalTokenCount": 321 + tokens,
        }
    }


def pieces(text: str, size: int = 24) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


class Generate(tornado.web.RequestHandler):
    """`models/{model}:generateContent` and `:streamGenerateContent?alt=sse`."""

    def initialize(self, counterpart: Counterpart) -> None:
        self.counterpart = counterpart
        self.gone = asyncio.Event()

    def on_connection_close(self) -> None:
        self.counterpart.abandoned += 1
        self.gone.set()

    async def post(self, model: str, method: str) -> None:
        key = self.request.headers.get("x-goog-api-key")
        body = json.loads(self.request.body)
        self.counterpart.seen.append(Seen(self.request.path, model, method, key, body))
        self.counterpart.hits[model] += 1
        if self.refused(key, model):
            return
        if method == "generateContent":
            self.finish({**part(ANSWER, "STOP"), **usage(140)})
            return
        self.set_header("Content-Type", "text/event-stream")
        await self.behave(model)

    def refused(self, key: str | None, model: str) -> bool:
        if not key:
            self.refuse(403, "PERMISSION_DENIED", "Unregistered callers are not allowed.")
        elif key != self.counterpart.key:
            info = {"@type": f"{RPC}.ErrorInfo", "reason": "API_KEY_INVALID"}
            self.refuse(400, "INVALID_ARGUMENT", "API key not valid.", [info])
        elif model == "rate-limited":
            wait = self.counterpart.retry_after
            self.set_header("Retry-After", str(wait))
            info = {"@type": f"{RPC}.RetryInfo", "retryDelay": f"{wait}s"}
            self.refuse(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", [info])
        elif model == "error":
            self.refuse(500, "INTERNAL", "An internal error has occurred.")
        elif model == "flaky" and self.counterpart.hits[model] <= self.counterpart.fails:
            self.refuse(503, "UNAVAILABLE", "The model is overloaded.")
        elif model not in BEHAVIOURS and not model.startswith("gemini-"):
            self.refuse(404, "NOT_FOUND", f"models/{model} is not found.")
        else:
            return False
        return True

    def refuse(
        self, code: int, status: str, message: str, details: list[dict[str, str]] | None = None
    ) -> None:
        self.set_status(code)
        error: dict[str, Any] = {"code": code, "message": message, "status": status}
        if details:
            error["details"] = details
        self.finish({"error": error})

    async def behave(self, model: str) -> None:
        if model == "hang":
            await self.wait()
        elif model == "blocked":
            await self.send({"promptFeedback": {"blockReason": "SAFETY"}, **usage(0)})
        elif model == "empty":
            await self.send({**part("", "STOP"), **usage(0)})
        elif model in ("cut", "stall", "blocked-midway", "too-long", "broken-json"):
            await self.half(model)
        else:
            await self.whole(pace=max(self.counterpart.pace, 0.05 if model == "slow" else 0.0))

    async def whole(self, pace: float) -> None:
        texts = pieces(ANSWER)
        for text in texts[:-1]:
            await self.send(part(text))
            await self.wait(pace)
        await self.send({**part(texts[-1], "STOP"), **usage(140)})

    async def half(self, model: str) -> None:
        """Two pieces come, and then not the rest."""
        texts = pieces(ANSWER)
        await self.send(part(texts[0]))
        await self.send(part(texts[1]))
        if model == "blocked-midway":
            candidate = {"finishReason": "SAFETY", "index": 0}
            await self.send({"candidates": [candidate], **usage(12)})
        elif model == "too-long":
            await self.send({**part(texts[2], "MAX_TOKENS"), **usage(18)})
        elif model == "broken-json":
            self.write('data: {"candidates": [{"cont')
            await self.flush()
        elif model == "stall":
            await self.wait()
        else:
            self.request.connection.stream.close()

    async def send(self, chunk: dict[str, Any]) -> None:
        if self.gone.is_set():
            return
        self.write(f"data: {json.dumps(chunk)}\r\n\r\n")
        await self.flush()

    async def wait(self, seconds: float | None = None) -> None:
        """Until the time is over, the reader has gone or the test lets go."""
        if seconds == 0:
            return
        ends = [asyncio.ensure_future(e.wait()) for e in (self.gone, self.counterpart.released)]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()


def application(counterpart: Counterpart) -> tornado.web.Application:
    route = r"/v1(?:beta)?/models/([^:/]+):(generateContent|streamGenerateContent)"
    return tornado.web.Application([(route, Generate, {"counterpart": counterpart})])


async def serve(port: int, pace: float) -> None:
    counterpart = Counterpart(pace=pace)
    print(await counterpart.start(port), flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--pace", type=float, default=0.03, help="seconds between two pieces")
    arguments = options.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, arguments.pace))
