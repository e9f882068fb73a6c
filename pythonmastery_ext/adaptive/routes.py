"""What the skill model knows of the learner, and what it would give them next."""

from pythonmastery_ext.adaptive import recommending, skills
from pythonmastery_ext.adaptive.schema import NextOut, SkillOut
from pythonmastery_ext.errors import DatabaseAway, Starting
from pythonmastery_ext.own import OwnHandler
from pythonmastery_ext.web import Operation, Route


class SkillHandler(OwnHandler):
    auth_resource = "pythonmastery:progress"
    query = skills.skill


class NextHandler(OwnHandler):
    auth_resource = "pythonmastery:progress"
    query = recommending.following


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
    Route(
        "me/next",
        NextHandler,
        (
            Operation(
                method="GET",
                summary="The next problem, and why this one",
                response=NextOut,
                errors=(Starting, DatabaseAway),
            ),
        ),
    ),
]
