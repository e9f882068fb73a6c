"""What learners and those who teach see of how far somebody is."""

from __future__ import annotations

from pythonmastery_ext.accounts import people
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.identity import HUB_SCOPE
from tests.api.client import Api, take, until
from tests.api.conftest import Stack
from tests.api.course import PARTLY, RIGHT
from tests.counterparts.hub import SUBMIT, Hub


async def test_a_solved_problem_shows_in_stats_skill_and_achievements(api: Api) -> None:
    _, before = await api("GET", "me/skill")
    assert (before["problems"], before["confidence"], before["skills"]) == (0, 0, [])
    assert (await api("GET", "me/stats"))[1]["streak_days"] is None
    async with api.events() as events:
        await api.submit("double", PARTLY)
        await api.submit("double", RIGHT)
        earned = await take(events, "achievement.earned")
    assert (earned.data["type"], earned.data["title"]) == ("first_pass", "First light")
    _, stats = await api("GET", "me/stats")
    assert (stats["attempts"], stats["passed"], stats["solved"], stats["xp"]) == (2, 1, 1, 16)
    assert (stats["streak_days"], stats["active_of_last_30"], stats["level"]) == (1, 1, 1)
    _, shown = await api("GET", "me/achievements")
    assert [one["type"] for one in shown["earned"]] == ["first_pass"]
    assert "first_pass" not in [one["type"] for one in shown["ahead"]]
    _, after = await api("GET", "me/skill")
    assert (after["problems"], after["trend"]["window"]) == (1, 1)
    assert [one["skill"] for one in after["skills"]] == ["functions"]


async def test_only_who_joined_is_on_the_leaderboard_and_sees_it(two: tuple[Api, Api]) -> None:
    one, other = two
    await one.submit("double", RIGHT)
    await other.submit("double", PARTLY)
    assert (await one("GET", "leaderboard"))[1] == {"joined": False, "places": []}
    for client in two:
        await client("PATCH", "me/profile", json={"leaderboard_opt_in": True})
    await other("PATCH", "me/profile", json={"leaderboard_name": "nobody"})
    _, board = await other("GET", "leaderboard")
    assert board == {
        "joined": True,
        "places": [
            {"rank": 1, "name": "a", "xp": 18, "you": False},
            {"rank": 2, "name": "A learner", "xp": 3, "you": True},
        ],
    }
    await one("PATCH", "me/profile", json={"leaderboard_opt_in": False})
    assert [place["you"] for place in (await other("GET", "leaderboard"))[1]["places"]] == [True]


async def test_statistics_of_a_problem_are_for_those_who_teach(
    two: tuple[Api, Api], relay_stack: Stack, hub: Hub
) -> None:
    student, other = two
    await student.submit("double", PARTLY)
    await student.submit("double", RIGHT)
    status, refused = await student("GET", "problems/double/stats")
    assert (status, refused["error"]["code"]) == (403, "not_allowed")
    await other("GET", "problems")
    token = hub.token("b", scopes=(SUBMIT, HUB_SCOPE + "teach"))
    teacher = Api(relay_stack.authority, token, "authority")
    db = Database(relay_stack.database_url)
    await set_role(db, "instructor")

    async def allowed() -> bool:
        return (await teacher("GET", "problems/double/stats"))[0] == 200

    await until(allowed)
    _, stats = await teacher("GET", "problems/double/stats")
    assert (stats["problem"], stats["difficulty"]) == ("double", 2)
    assert stats["median_minutes"] is not None
    assert (await teacher("GET", "problems/nothing/stats"))[0] == 404
    await set_role(db, "student")
    await db.close()
    await teacher.close()


async def set_role(db: Database, role: str) -> None:
    async with db.transaction() as session:
        await people.set_role(session, "b", role, actor=None)
