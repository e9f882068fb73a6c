"""What a person chooses about themselves."""

import asyncio

import pytest
from sqlalchemy import select, text

from pythonmastery_ext.accounts import profiles
from pythonmastery_ext.accounts.models import UserProfile
from pythonmastery_ext.accounts.schema import ProfileIn
from pythonmastery_ext.audit.models import AuditEvent
from pythonmastery_ext.db.encryption import SealBroken
from pythonmastery_ext.errors import ProfileChanged
from tests.accounts.conftest import School, Visit
from tests.db.rows import a_user

BIO = "I taught maths for ten years."
DEFAULTS = {
    "bio": None,
    "learning_goals": None,
    "difficulty_preference": "balanced",
    "notification_settings": {"verdicts": True, "achievements": True, "streaks": True},
    "leaderboard_opt_in": False,
    "leaderboard_name": "username",
    "updated_at": None,
}
WRONG = {
    "bio": {"bio": "x" * 2001},
    "learning_goals": {"learning_goals": 7},
    "difficulty_preference": {"difficulty_preference": "impossible"},
    "leaderboard_opt_in": {"leaderboard_opt_in": None},
    "leaderboard_name": {"leaderboard_name": "Somebody Else"},
    "notification_settings.streaks": {"notification_settings": {"streaks": "often"}},
    "notification_settings.spam": {"notification_settings": {"spam": True}},
    "notification_settings": {"notification_settings": [True]},
    "role": {"role": "admin"},
    "user_id": {"user_id": 1},
    "seen": {"seen": "yesterday"},
}


async def test_before_the_first_choice_everything_is_at_its_default(visit: Visit):
    assert await visit("new")("GET", "me/profile") == (200, DEFAULTS)


async def test_only_what_is_sent_changes(visit: Visit):
    ada = visit("profile-ada")
    status, first = await ada("PATCH", "me/profile", json={"bio": f"  {BIO} "})
    assert (status, first["bio"]) == (200, BIO)
    change = {"notification_settings": {"streaks": False}, "leaderboard_opt_in": True}
    second = (await ada("PATCH", "me/profile", json=change))[1]
    wanted = {
        **DEFAULTS,
        "bio": BIO,
        "leaderboard_opt_in": True,
        "notification_settings": {"verdicts": True, "achievements": True, "streaks": False},
        "updated_at": second["updated_at"],
    }
    assert second == wanted
    assert second["updated_at"] > first["updated_at"]
    assert (await ada("GET", "me/profile"))[1] == wanted
    cleared = (await ada("PATCH", "me/profile", json={"bio": "   "}))[1]
    assert cleared["bio"] is None


async def test_each_person_has_their_own(visit: Visit):
    await visit("profile-b")("PATCH", "me/profile", json={"learning_goals": "Read logs"})
    assert (await visit("profile-c")("GET", "me/profile"))[1] == DEFAULTS


async def test_leaving_the_leaderboard_or_another_name_on_it_shows_at_once(
    school: School, visit: Visit
):
    people = {name: visit(name) for name in ("board-ada", "board-eve")}
    for name, one in people.items():
        await one("PATCH", "me/profile", json={"leaderboard_opt_in": True})
        school.sql(
            "insert into user_stats (user_id, xp) select id, 50 from app_user where username = %s",
            name,
        )

    async def seen() -> list[str]:
        shown = (await people["board-ada"]("GET", "leaderboard"))[1]
        return [place["name"] for place in shown["places"]]

    assert await seen() == ["board-ada", "board-eve"]
    for change, names in (
        ({"leaderboard_name": "nobody"}, ["board-ada", "A learner"]),
        ({"leaderboard_opt_in": False}, ["board-ada"]),
    ):
        await people["board-eve"]("PATCH", "me/profile", json=change)
        assert await seen() == names


@pytest.mark.parametrize("field", WRONG)
async def test_what_is_wrong_is_named_and_nothing_changes(visit: Visit, field: str):
    ada = visit("profile-wrong")
    status, told = await ada("PATCH", "me/profile", json={"learning_goals": "x", **WRONG[field]})
    assert (status, told["error"]["code"]) == (422, "invalid_fields")
    assert [each["field"] for each in told["error"]["fields"]] == [field]
    assert (await ada("GET", "me/profile"))[1] == DEFAULTS


async def test_a_change_in_another_window_is_not_overwritten_unseen(visit: Visit):
    ada = visit("profile-two-windows")
    first = (await ada("PATCH", "me/profile", json={"bio": "one", "seen": None}))[1]
    seen = first["updated_at"]
    assert (await ada("PATCH", "me/profile", json={"bio": "two", "seen": seen}))[0] == 200
    status, told = await ada("PATCH", "me/profile", json={"bio": "three", "seen": seen})
    assert (status, told["error"]["code"]) == (409, "profile_changed")
    assert (await ada("GET", "me/profile"))[1]["bio"] == "two"


async def test_a_first_press_that_changes_nothing_is_no_change_in_another_window(visit: Visit):
    ada = visit("profile-press")
    assert (await ada("GET", "me/profile"))[1] == DEFAULTS
    assert (await ada("PATCH", "me/profile", json={"bio": None, "seen": None}))[0] == 200
    seen = (await ada("GET", "me/profile"))[1]["updated_at"]
    assert (await ada("PATCH", "me/profile", json={"bio": "one", "seen": seen}))[0] == 200


async def test_the_texts_lie_sealed_in_the_database_and_nowhere_else(school: School, visit: Visit):
    goals = "Understand my late mother's ledger"
    await visit("profile-d")("PATCH", "me/profile", json={"bio": BIO, "learning_goals": goals})
    everything = school.everything()
    for text_ in (BIO, goals):
        assert text_ not in everything
        assert text_.encode().hex() not in everything
        assert text_ not in school.log.read_text()


async def test_a_change_is_recorded_by_the_names_of_its_fields(db, keyring):
    async with db.transaction() as session:
        ada = await a_user(session)
        await profiles.change(session, keyring, ada.id, ProfileIn(bio=BIO, leaderboard_opt_in=True))
        again = ProfileIn(bio=BIO, leaderboard_opt_in=True)
        await profiles.change(session, keyring, ada.id, again)
        own = select(AuditEvent).where(AuditEvent.learner_id == ada.id)
        (event,) = (await session.scalars(own)).all()
    assert (event.kind, event.actor_id, event.learner_id) == ("profile.changed", ada.id, ada.id)
    assert event.data == {"fields": ["bio", "leaderboard_opt_in"]}


async def test_a_text_that_was_copied_to_another_row_does_not_open(db, keyring):
    async with db.transaction() as session:
        ada, eve = await a_user(session), await a_user(session, "eve")
        for user in (ada, eve):
            await profiles.change(session, keyring, user.id, ProfileIn(bio=user.username))
        await session.execute(
            text("update user_profile set bio = (select bio from user_profile where user_id = :a)"),
            {"a": ada.id},
        )
    async with db.transaction() as session:
        assert (await profiles.profile(session, keyring, ada.id)).bio == "ada"
        with pytest.raises(SealBroken):
            await profiles.profile(session, keyring, eve.id)


async def test_of_two_changes_that_saw_the_same_one_is_refused(db, keyring):
    async with db.transaction() as session:
        ada = await a_user(session)

    async def change(bio: str) -> None:
        await db.retry(
            lambda session: profiles.change(session, keyring, ada.id, ProfileIn(bio=bio, seen=None))
        )

    outcomes = await asyncio.gather(change("one"), change("two"), return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == [type(None), ProfileChanged]


@pytest.mark.parametrize("wrong", ["[]", '{"streaks": 1}', '{"streaks": [true]}', '{"a": {}}'])
async def test_the_database_itself_keeps_notification_settings_in_shape(db, wrong):
    async with db.transaction() as session:
        ada = await a_user(session)
        session.add(UserProfile(user_id=ada.id))
    with pytest.raises(Exception, match="ck_user_profile_notification_settings"):
        await db.retry(
            lambda session: session.execute(
                text("update user_profile set notification_settings = cast(:wrong as jsonb)"),
                {"wrong": wrong},
            )
        )
