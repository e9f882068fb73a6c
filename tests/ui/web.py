"""Calls to Jupyter Server itself, beside the browser."""

import json
import urllib.request
from typing import Any

from tests.labserver import API, TOKEN, LabServer


def ask(server: LabServer, method: str, path: str, **headers: str) -> Any:
    """The open answer; closing it is the caller's."""
    request = urllib.request.Request(  # noqa: S310 - loopback, our own address
        f"{server.url}/{path}",
        method=method,
        headers={"Authorization": f"token {TOKEN}", **headers},
    )
    return urllib.request.urlopen(request, timeout=20)  # noqa: S310


def end_kernels(server: LabServer) -> None:
    """Kernels outlive the page that started them; a test run would gather dozens."""
    with ask(server, "GET", "api/sessions") as answer:
        sessions = json.load(answer)
    for session in sessions:
        ask(server, "DELETE", f"api/sessions/{session['id']}").close()


def events(server: LabServer) -> str:
    """All events of the learner so far, as the stream gives them to one who resumes."""
    lines: list[str] = []
    last: int | None = None
    with ask(server, "GET", f"{API}/events", **{"Last-Event-ID": "0"}) as stream:
        for raw in stream:
            line = raw.decode()
            lines.append(line)
            if last is None and line.startswith("data:"):
                last = json.loads(line.removeprefix("data:"))["last"]
            if line.strip() == "" and f"id: {last}\n" in lines:
                break
    return "".join(lines)
