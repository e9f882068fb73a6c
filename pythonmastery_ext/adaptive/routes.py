"""What the skill model knows of the learner."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.adaptive import skills
from pythonmastery_ext.adaptive.schema import SkillOut
from pythonmastery_ext.errors import DatabaseAway, Starting
from pythonmastery_ext.web import ApiHandler, Operation, Route


class SkillHandler(ApiHandler):
    auth_resource = "pythonmastery:progress"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await skills.skill(db, learner.id)
        self.reply(found)


ROUTES = [
    Route(
        "me/skill",
        SkillHandler,
        (
            Operation(
                method="GET",
                summary="Skills with their uncertainty, and the trend",
                response=SkillOut,
                errors=(Starting, DatabaseAway),
            ),
        ),
    ),
]
