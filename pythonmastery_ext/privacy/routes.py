"""A copy of one's own data."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.privacy import copies, service
from pythonmastery_ext.privacy.erasure_routes import ROUTES as ERASURE_ROUTES
from pythonmastery_ext.privacy.in_person import OwnDataHandler
from pythonmastery_ext.privacy.models import DataRequest
from pythonmastery_ext.privacy.schema import ExportOut, MyExport
from pythonmastery_ext.web import Operation, Route

COMMON = (errors.AccountLocked, errors.Starting, errors.DatabaseAway)


class ExportHandler(OwnDataHandler):
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
        self.check_in_person()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            made, secret = await service.request_export(db, learner.id)
        self.authority.desk.wake()
        self.reply(ExportOut.of(made, f"me/export/{secret}"), status=202)


class DownloadHandler(OwnDataHandler):
    """The zip, once: the link is worth nothing to others, nor to its owner a second time."""

    @web.authenticated
    @authorized
    async def get(self, secret: str) -> None:
        learner = await self.learner()
        self.check_in_person()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await service.fetch(db, learner.id, secret)
        try:
            await self._send(found)
        except BaseException:
            async with self.authority.db.transaction(as_learner=learner.id) as db:
                await service.put_back(db, found.id, learner.id)
            raise
        async with self.authority.db.transaction() as db:
            await copies.drop(db, found)

    async def _send(self, found: DataRequest) -> None:
        """In nobody's name: that it is the learner's own was seen with the link."""
        db = self.authority.db
        async with db.transaction() as session:
            count, length = await copies.size(session, found)
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", 'attachment; filename="pythonmastery-data.zip"')
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Length", str(length))
        async for part in copies.parts(db, self.authority.keyring, found, count):
            self.write(part)
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
                errors=(errors.NotAllowed, errors.TooManyRequests, *COMMON),
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
                errors=(errors.NotAllowed, errors.UnknownExport, errors.ExportNotReady, *COMMON),
            ),
        ),
    ),
    *ERASURE_ROUTES,
]
