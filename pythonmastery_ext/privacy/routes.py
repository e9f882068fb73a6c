"""A copy of one's own data."""

import asyncio
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.privacy import service
from pythonmastery_ext.privacy.erasure_routes import ROUTES as ERASURE_ROUTES
from pythonmastery_ext.privacy.schema import ExportOut, MyExport
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.AccountLocked, errors.Starting, errors.DatabaseAway)
CHUNK = 256 * 1024


class ExportHandler(ApiHandler):
    auth_resource = "pythonmastery:privacy"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.newest(db, learner.id, "export")
        self.reply(MyExport(export=ExportOut.of(found) if found else None))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        learner = await self.learner(limit="export")
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            made, secret = await service.request_export(db, learner.id)
        self.authority.desk.wake()
        self.reply(ExportOut.of(made, f"me/export/{secret}"), status=202)


class DownloadHandler(ApiHandler):
    """The zip, once: the link is worth nothing to others, nor to its owner a second time."""

    auth_resource = "pythonmastery:privacy"

    @web.authenticated
    @authorized
    async def get(self, secret: str) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.fetch(db, learner.id, secret)
        path = service.file_of(Path(self.authority.settings.privacy_dir), found)
        try:
            await self._send(path)
        except BaseException:
            async with self.authority.db.transaction(as_learner=learner.id) as db:
                await service.put_back(db, found.id, learner.id)
            raise
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _send(self, path: Path) -> None:
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", 'attachment; filename="pythonmastery-data.zip"')
        self.set_header("Cache-Control", "no-store")
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                self.write(chunk)
                await self.flush()
        await self.finish(set_content_type="application/zip")


ROUTES = [
    Route(
        "me/export",
        ExportHandler,
        (
            Operation(
                method="GET",
                summary="The newest copy of one's own data that was asked for",
                response=MyExport,
                errors=COMMON,
            ),
            Operation(
                method="POST",
                summary="Ask for a copy; its link works once, within 7 days",
                response=ExportOut,
                status=(202,),
                records=("privacy.export.requested",),
                errors=(errors.TooManyRequests, *COMMON),
            ),
        ),
    ),
    Route(
        "me/export/{secret}",
        DownloadHandler,
        (
            Operation(
                method="GET",
                summary="The copy, a zip",
                records=("privacy.export.fetched",),
                errors=(errors.UnknownExport, errors.ExportNotReady, *COMMON),
            ),
        ),
    ),
    *ERASURE_ROUTES,
]
