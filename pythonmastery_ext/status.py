"""How the service is, and its OpenAPI document; both answer while it is still starting."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import __version__
from pythonmastery_ext.errors import NotFound
from pythonmastery_ext.schema import StatusOut
from pythonmastery_ext.web import ApiHandler, Operation, Route


class StatusHandler(ApiHandler):
    auth_resource = "pythonmastery:status"
    # A page that only asks how we are must not keep an idle server from being stopped.
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply(await self.authority.status(self.current_user))


class OpenApiHandler(ApiHandler):
    auth_resource = "pythonmastery:status"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        from pythonmastery_ext.openapi import document

        self.finish(document(self.authority.routes, __version__))


class UnknownAddressHandler(ApiHandler):
    """Everything else below the API's root."""

    auth_resource = "pythonmastery:status"

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        raise NotFound


ROUTES = [
    Route(
        "status",
        StatusHandler,
        (Operation(method="GET", summary="Whether the service is ready", response=StatusOut),),
    ),
    Route(
        "openapi.json",
        OpenApiHandler,
        (Operation(method="GET", summary="This document"),),
    ),
]
