"""How far the learner is."""

from jupyter_server.auth.decorator import authorized
from tornado import web

from pythonmastery_ext.errors import DatabaseAway, LeaderboardOff, Refusal, Starting
from pythonmastery_ext.own import OwnHandler
from pythonmastery_ext.progress import board, standing
from pythonmastery_ext.progress.schema import (
    AchievementsOut,
    LeaderboardOut,
    PopularOut,
    ProgressOut,
    StatsOut,
)
from pythonmastery_ext.web import ApiHandler, Operation, Route
from pythonmastery_ext.wire import WireOut


class ProgressHandler(OwnHandler):
    auth_resource = "pythonmastery:progress"
    query = standing.progress


class StatsHandler(OwnHandler):
    auth_resource = "pythonmastery:progress"
    query = standing.stats


class AchievementsHandler(OwnHandler):
    auth_resource = "pythonmastery:progress"
    query = standing.earned


class LeaderboardHandler(ApiHandler):
    """Of all who joined, so in no learner's name."""

    auth_resource = "pythonmastery:progress"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        await self.authority.features.check("leaderboard")
        async with self.authority.db.transaction() as db:
            shown = await board.leaderboard(db, self.authority.keyring, learner.id)
        self.reply(shown)


class PopularHandler(ApiHandler):
    auth_resource = "pythonmastery:progress"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        learner = await self.learner()
        async with self.authority.db.transaction(as_learner=learner.id) as db:
            found = await standing.popular(db)
        self.reply(found)


def reading(
    path: str,
    handler: type[ApiHandler],
    summary: str,
    shape: type[WireOut],
    *refusals: type[Refusal],
) -> Route:
    operation = Operation(
        method="GET", summary=summary, response=shape, errors=(*refusals, Starting, DatabaseAway)
    )
    return Route(path, handler, (operation,))


ROUTES = [
    reading("progress", ProgressHandler, "Experience, level and sections", ProgressOut),
    reading("me/stats", StatsHandler, "Counts, streak and active days", StatsOut),
    reading(
        "me/achievements",
        AchievementsHandler,
        "What was achieved, and what is ahead",
        AchievementsOut,
    ),
    reading(
        "leaderboard",
        LeaderboardHandler,
        "Where one stands among those who joined",
        LeaderboardOut,
        LeaderboardOff,
    ),
    reading("popular", PopularHandler, "Problems that most learners tried", PopularOut),
]
