"""The handler of addresses that only show something of the learner's own."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from jupyter_server.auth.decorator import authorized
from pydantic import BaseModel
from tornado import web

from pythonmastery_ext.web import ApiHandler


class OwnHandler(ApiHandler):
    """GET answers with what `query` finds, asked in the learner's name."""

    #: Takes the session, the learner's id and, by name, what the address holds.
    query: ClassVar[Callable[..., Awaitable[BaseModel]]]

    @web.authenticated
    @authorized
    async def get(self, **named: str) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await type(self).query(db, learner.id, **named)
        self.reply(found)
