"""Probes for whoever supervises a process: alive, and ready for work. A word each, for anybody.

Ready does not ask the database: it is the same one for all replicas, so all of them would be taken
out of service together, and learners would get a proxy's words in place of ours.
"""

from collections.abc import Callable
from re import escape
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler

LIVE = "healthz/live"
READY = "healthz/ready"


class ProbeHandler(RequestHandler):
    """200 or 503, without a sign-in and without a reason: the log has that."""

    def initialize(self, holds: Callable[[], bool]) -> None:
        self._holds = holds

    def get(self) -> None:
        holds = self._holds()
        self.set_status(200 if holds else 503)
        self.set_header("Content-Type", "text/plain")
        self.set_header("Cache-Control", "no-store")
        self.finish("ok\n" if holds else "not yet\n")

    def _log(self) -> None:
        """Nothing: it is asked every few seconds, and whoever asks keeps the answer."""


def handlers(base_url: str, ready: Callable[[], bool]) -> list[tuple[str, Any, dict[str, Any]]]:
    """Patterns for Tornado, below `base_url`. Whoever answers at all is alive."""
    return [
        (escape(url_path_join(base_url, path)), ProbeHandler, {"holds": holds})
        for path, holds in ((LIVE, lambda: True), (READY, ready))
    ]
