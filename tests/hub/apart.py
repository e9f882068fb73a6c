"""The class with a subdomain for each person, as production must have it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from jupyterhub.utils import subdomain_hook_idna

from tests.hub.classroom import PREFIX, Classroom

HOST = "hub.localhost"


@contextmanager
def apart(room: Classroom) -> Iterator[str]:
    """Starts the class anew with subdomains, and again without; yields the pages' address."""
    before = room.url, dict(room.environment), dict(room.service_environment)
    port = urlsplit(room.url).port
    service = subdomain_hook_idna("pythonmastery", HOST, "service")
    pages = f"http://{service}:{port}{PREFIX}/"
    stop(room)
    room.url = f"http://{HOST}:{port}"
    room.environment |= {
        "SUBDOMAIN_HOST": room.url,
        "OAUTH_CALLBACK_URL": f"{room.url}/hub/oauth_callback",
    }
    room.service_environment |= {
        "JUPYTERHUB_HOST": room.url,
        "JUPYTERHUB_PUBLIC_URL": pages,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{pages}oauth_callback",
    }
    with resolved():
        start(room)
        room.until(f"{pages}healthz/ready", "hub")
        yield pages
    stop(room)
    room.url, room.environment, room.service_environment = before
    start(room)
    room.wait()


def stop(room: Classroom) -> None:
    room.stop("hub")
    room.stop("service")


def start(room: Classroom) -> None:
    room.start("service")
    room.start("hub")
    room.until(f"{room.service}/healthz/ready", "service")
    room.until(f"{room.url}/hub/health", "hub")


@contextmanager
def resolved() -> Iterator[None]:
    """Names below localhost are this machine, as browsers have it."""

    def look_up(host: Any, *rest: Any, **options: Any) -> Any:
        here = isinstance(host, str) and host.endswith(".localhost")
        return real("127.0.0.1" if here else host, *rest, **options)

    real = socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield
