"""GitHub on loopback: that of `make hub`, in a thread, so that tests change people meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.development.github import Account, GitHub

__all__ = ["Account", "GitHub", "running_github"]


@contextmanager
def running_github(port: int = 0) -> Iterator[GitHub]:
    github = GitHub(port)
    thread = threading.Thread(target=github.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield github
    finally:
        github.shutdown()
        thread.join()
        github.server_close()


@contextmanager
def away(github: GitHub) -> Iterator[None]:
    """GitHub is down meanwhile."""
    github.away = True
    try:
        yield
    finally:
        github.away = False
