"""Finding the Jupyter server that serves this learner's API.

Order: what the person has set, JupyterHub, what Jupyter has set, the servers of this user that run
on this machine. Only the last are tried out, because only there is something to choose from.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.utils import check_pid

from pythonmastery_ext.kernelside.errors import NoServer

API = "pythonmastery/api/v1/"
#: How the token of a session begins (`pythonmastery token create`).
SESSION = "pm_"
_PAGE_OF_JUPYTER = re.compile(r"/(?:lab|tree|notebooks)(?:/.*)?$")
_PROBE_SECONDS = 3.0
_ANY_HOST = {"", "0.0.0.0", "::", "*"}  # noqa: S104 - compared with, never bound to
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the API is, and the token that opens it."""

    #: Base URL of the API, ends with a slash.
    url: str
    token: str = field(repr=False)
    #: Path of a Unix socket, if the server listens on one.
    socket: str | None = None

    def client(self, timeout: httpx.Timeout) -> httpx.Client:
        # A proxy of the machine must not come between a kernel and the server beside it.
        beside = urlsplit(self.url).hostname in _LOOPBACK
        transport = httpx.HTTPTransport(uds=self.socket) if self.socket else None
        headers = {"Authorization": f"token {self.token}"} if self.token else {}
        return httpx.Client(
            base_url=self.url,
            headers={"Accept": "application/json", **headers},
            timeout=timeout,
            transport=transport,
            trust_env=not beside,
        )


def find_server(environ: Mapping[str, str] | None = None, here: Path | None = None) -> Address:
    """The server to talk to; NoServer if there is none."""
    env = os.environ if environ is None else environ
    told = _told(env)
    if told is not None:
        return told
    for address in _running(env, here or Path.cwd()):
        if _answers(address):
            return address
    raise NoServer


def api_url(url: str) -> str:
    """The API's address, from any address that a person may have copied from a browser."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    base = _PAGE_OF_JUPYTER.sub("", parts.path).removesuffix(API.rstrip("/")).rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{base}/{API}", "", ""))


def _told(env: Mapping[str, str]) -> Address | None:
    """The address that the environment names, if it names one."""
    own = env.get("PYTHONMASTERY_TOKEN", "")
    url = env.get("PYTHONMASTERY_URL")
    if not url and own.startswith(SESSION):
        # In a classroom only the service knows its sessions; the hub's proxy does not.
        url = env.get("PYTHONMASTERY_AUTHORITY_URL")
    if url:
        return Address(url=api_url(url), token=own)
    hub_token = env.get("JUPYTERHUB_API_TOKEN", "")
    if hub_token and (url := _hub_url(env)):
        return Address(url=api_url(url), token=hub_token)
    if url := env.get("JUPYTER_SERVER_URL"):
        return Address(url=api_url(url), token=own or env.get("JUPYTER_TOKEN", ""))
    return None


def _hub_url(env: Mapping[str, str]) -> str | None:
    """The address of this user's own server under JupyterHub, seen from beside it."""
    parts = urlsplit(env.get("JUPYTERHUB_SERVICE_URL", ""))
    if not parts.port:
        return None  # the server picks its port itself; its info file tells which
    path = env.get("JUPYTERHUB_SERVICE_PREFIX") or parts.path
    return urlunsplit((parts.scheme, f"{_reachable(parts.hostname)}:{parts.port}", path, "", ""))


def _reachable(host: str | None) -> str:
    if host is None or host in _ANY_HOST:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _running(env: Mapping[str, str], here: Path) -> Iterator[Address]:
    """This user's servers, the likeliest first."""
    hub_token = env.get("JUPYTERHUB_API_TOKEN", "")
    parent = env.get("JPY_PARENT_PID", "")
    told = sorted(_server_files(), key=lambda info: _likeness(info, parent, here), reverse=True)
    for info in told:
        parts = urlsplit(str(info["url"]))
        socket = info.get("sock") or None
        host = "localhost" if socket else _reachable(str(info.get("hostname", "")))
        netloc = host if socket else f"{host}:{info['port']}"
        scheme = "http" if socket else parts.scheme
        url = urlunsplit((scheme, netloc, str(info.get("base_url", "/")), "", ""))
        token = str(env.get("PYTHONMASTERY_TOKEN") or info.get("token") or hub_token)
        yield Address(url=api_url(url), token=token, socket=socket)


def _server_files() -> Iterator[dict[str, Any]]:
    """What each running server has written about itself.

    The same as `jupyter_server.serverapp.list_running_servers`, whose import takes seconds that a
    learner would wait for in every new kernel.
    """
    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
            alive = check_pid(int(info["pid"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or gone in this moment
        if alive and "port" in info and "url" in info:
            yield info


def _likeness(info: Mapping[str, Any], parent: str, here: Path) -> tuple[bool, int]:
    """(started this kernel, depth of its root folder if it holds this one)."""
    root = Path(str(info.get("root_dir", "")))
    depth = len(root.parts) if root.is_absolute() and here.is_relative_to(root) else -1
    return str(info.get("pid")) == parent, depth


def _answers(address: Address) -> bool:
    """Whether PythonMastery is installed there and takes our token."""
    try:
        with address.client(httpx.Timeout(_PROBE_SECONDS)) as client:
            response = client.get("status")
            return response.status_code == httpx.codes.OK and "role" in response.json()
    except (httpx.HTTPError, ValueError):
        return False
