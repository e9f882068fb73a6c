"""`pythonmastery serve`: the authority for the learners of a hub."""

import argparse
import asyncio
import logging
import os
import signal
from contextlib import suppress
from socket import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from pythonmastery_ext.config import ConfigError, Settings

#: Far above any body of the API, so that a code that is too large gets its own sentence.
MAX_BODY = 16 * 1024 * 1024
#: Seconds for the body of a request, and between requests of a connection that is kept: whoever
#: reaches the port could else hold thousands of connections by sending nothing.
BODY_PATIENCE, IDLE_PATIENCE = 60.0, 75.0
LARGEST_PORT = 65535
SHARED = (
    "Graders run in the account of this service, which knows its keys: set "
    "PYTHONMASTERY_WORKER=false and start workers, or set PYTHONMASTERY_GRADER_SOCKET "
    "(docs/operators.md, The grader's account)."
)


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "serve", help="run the service behind a JupyterHub", description=__doc__
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=10203, help="port to listen on")
    parser.add_argument("--base-url", default="/", help="path before /pythonmastery")
    parser.add_argument(
        "--with-parent", action="store_true", help="end when whoever started this has ended"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings(role="authority")
        if not settings.hub_api_url:
            raise ConfigError("hub_api_url (JUPYTERHUB_API_URL) must say where the hub's API is.")
        sockets = listen(args.host, args.port)
        if settings.worker and not settings.grader_is_apart:
            logging.getLogger(__name__).warning(SHARED)
    except ConfigError as error:
        logging.getLogger(__name__).critical("%s", error)
        return 1
    asyncio.run(serve(settings, sockets, args.base_url, with_parent=args.with_parent))
    return 0


def listen(host: str, port: int) -> list[socket]:
    """Before anything else is started; ConfigError if somebody listens there already."""
    if not 0 < port <= LARGEST_PORT:
        # The system would take the number without its upper bits.
        raise ConfigError(f"there is no port {port}; choose one from 1 to {LARGEST_PORT}.")
    try:
        return bind_sockets(port, host)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}, port {port} ({error}); choose others with --host and --port."
        ) from error


async def serve(
    settings: Settings, sockets: list[socket], base_url: str, *, with_parent: bool = False
) -> None:
    """Until SIGINT or SIGTERM."""
    from pythonmastery_ext.authority import Authority, make_app
    from pythonmastery_ext.identity import HubAuthorizer, HubIdentityProvider

    provider = HubIdentityProvider(
        hub_api_url=settings.hub_api_url, service_token=settings.hub_token
    )
    authority = Authority(settings)
    app = make_app(authority, provider, HubAuthorizer(identity_provider=provider), base_url)
    if settings.hub_token:
        from pythonmastery_ext.panel.routes import add_pages

        add_pages(app, settings, base_url)
    server = http_server(app)
    server.add_sockets(sockets)
    authority.begin()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_until_orphaned(stop)) if with_parent else None
    await stop.wait()
    if watch is not None:
        watch.cancel()
    server.stop()
    # Cut rather than answered with a failure: a client sends again what got no answer, and its
    # key decides whether it was done. Streams would never end by themselves.
    await server.close_all_connections()
    await authority.stop()
    await provider.close()


def http_server(app: Application) -> HTTPServer:
    return HTTPServer(
        app,
        max_body_size=MAX_BODY,
        body_timeout=BODY_PATIENCE,
        idle_connection_timeout=IDLE_PATIENCE,
    )


async def _until_orphaned(stop: asyncio.Event) -> None:
    """A hub that was killed ends nothing, and the next one would find the port taken."""
    parent = os.getppid()
    while os.getppid() == parent:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
            return
    stop.set()
