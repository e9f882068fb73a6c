"""How far the learner is."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.errors import DatabaseAway, Starting
from pythonmastery_ext.progress import service
from pythonmastery_ext.progress.schema import ProgressOut
from pythonmastery_ext.web import ApiHandler, Operation, Route


class ProgressHandler(ApiHandler):
    auth_resource = "pythonmastery:progress"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction() as db:
            progress = await service.progress(db, learner.id)
        self.reply(progress)


ROUTES = [
    Route(
        "progress",
        ProgressHandler,
        (
            Operation(
                method="GET",
                summary="Experience, level and sections",
                response=ProgressOut,
                errors=(Starting, DatabaseAway),
            ),
        ),
    ),
]
