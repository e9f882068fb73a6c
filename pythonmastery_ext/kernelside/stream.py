"""Following a tutor's answer while it is written."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import httpx
from pydantic import ValidationError

from pythonmastery_ext.kernelside.errors import OddAnswer, ServerAway
from pythonmastery_ext.kernelside.sse import events
from pythonmastery_ext.tutor.schema import TutorDelta, TutorMessageOut


class Stop:
    """Ends a stream from another thread, even while nothing arrives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._response: httpx.Response | None = None
        self.pressed = False

    def attach(self, response: httpx.Response | None) -> None:
        with self._lock:
            self._response = response

    def press(self) -> None:
        with self._lock:
            self.pressed = True
            if self._response is None:
                return
            connection = self._response.extensions["network_stream"].get_extra_info("socket")
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself in this moment


def follow(
    response: httpx.Response, show: Callable[[TutorMessageOut], None], stop: Stop
) -> TutorMessageOut:
    """The message at its end; one that ended without `done` counts as cut."""
    stop.attach(response)
    shown: TutorMessageOut | None = None
    try:
        for shown in _growing(response):
            show(shown)
            if stop.pressed:
                break
    except (httpx.TransportError, KeyboardInterrupt) as error:
        _only_if_begun(shown, error)
    finally:
        stop.attach(None)
        response.close()
    if shown is None:
        raise ServerAway
    return shown.model_copy(update={"state": "cut"}) if shown.state == "streaming" else shown


def _only_if_begun(shown: TutorMessageOut | None, error: BaseException) -> None:
    """What was shown of an answer is worth keeping; an end before that is an error."""
    if shown is None and isinstance(error, httpx.TransportError):
        raise ServerAway from error
    if shown is None:
        raise error


def _growing(response: httpx.Response) -> Iterator[TutorMessageOut]:
    shown: TutorMessageOut | None = None
    for name, data in events(response.iter_text()):
        try:
            shown = _step(shown, name, data)
        except ValidationError as error:
            raise OddAnswer from error
        if shown is not None:
            yield shown
        if name == "done":
            return


def _step(shown: TutorMessageOut | None, name: str, data: str) -> TutorMessageOut | None:
    if name in {"start", "done"}:
        return TutorMessageOut.model_validate_json(data)
    if name == "delta" and shown is not None:
        text = TutorDelta.model_validate_json(data).text
        return shown.model_copy(update={"ai_response": shown.ai_response + text})
    return shown
