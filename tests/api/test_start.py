"""A start that cannot succeed: told in a sentence, without the insides of the database."""

import asyncio

from sqlalchemy import make_url

from pythonmastery_ext.authority import Authority
from pythonmastery_ext.config import Settings
from tests.api.client import until
from tests.conftest import admin, fresh_database


async def test_what_went_wrong_inside_the_database_is_for_the_log_only(
    postgres_url, course_dir, caplog
):
    """A user who may sign in but make no tables."""
    with fresh_database(postgres_url, "template0") as url, admin(postgres_url) as connection:
        connection.execute("create role visitor login password 'guest'")
        visitor = make_url(url).set(username="visitor", password="guest")
        settings = Settings(
            role="local",
            database_url=visitor.render_as_string(hide_password=False),
            course_dir=str(course_dir),
            worker=False,
        )
        authority = Authority(settings)
        authority.begin()

        async def failed() -> bool:
            await asyncio.sleep(0)
            return authority.state == "failed"

        await until(failed)
        await authority.stop()
        connection.execute("drop role visitor")
    assert authority.detail == (
        "The service cannot start: something unexpected happened; the server's log tells what."
    )
    assert "InsufficientPrivilege" in caplog.text
    assert "guest" not in caplog.text
