"""Names of the class with a subdomain for each person, as production must have it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from jupyterhub.utils import subdomain_hook_idna

HOST = "hub.localhost"


def give_subdomains(hub: dict[str, str], service: dict[str, str], host: str) -> str:
    """Changes the settings of both; the address of the pages."""
    at = urlsplit(hub["BIND_URL"]).port
    url = f"http://{host}:{at}"
    pages = f"http://{subdomain_hook_idna('pythonmastery', host, 'service')}:{at}"
    pages += service["JUPYTERHUB_SERVICE_PREFIX"]
    hub |= {"SUBDOMAIN_HOST": url, "OAUTH_CALLBACK_URL": f"{url}/hub/oauth_callback"}
    service |= {
        "JUPYTERHUB_HOST": url,
        "JUPYTERHUB_PUBLIC_URL": pages,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{pages}oauth_callback",
    }
    return pages


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
