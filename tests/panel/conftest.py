from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from pythonmastery_ext.accounts import directory
from pythonmastery_ext.db.encryption import Keyring
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.db.keyfile import KeyFile
from pythonmastery_ext.privacy import sealing
from tests.api.course import make_course
from tests.conftest import SESSION_DIR, fresh_database
from tests.counterparts.hub import running_hub
from tests.panel.furniture import furnish
from tests.panel.office import Browser, Office, office


@pytest.fixture(scope="session")
def desk(postgres_url, template, tmp_path_factory) -> Iterator[Office]:
    """One authority for all tests of this folder."""
    folder = tmp_path_factory.mktemp("office")
    course = make_course(tmp_path_factory.mktemp("course"))
    with (
        running_hub() as hub,
        fresh_database(postgres_url, template) as url,
        office(folder, url, course, hub) as made,
    ):
        furnish(made)
        yield made


@pytest.fixture
def admin(desk: Office) -> Browser:
    """Signed in, at the overview."""
    browser = desk.browser("grace", "admin")
    assert browser.get("admin").status_code == 200
    return browser


@pytest.fixture
async def sealed(desk: Office) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Does at once what the authority does with new names and addresses every few seconds."""
    db = Database(desk.database_url)
    keyring = Keyring(KeyFile(SESSION_DIR / "keys.json").keys)

    async def seal() -> None:
        await sealing.seal_plain(db, keyring)
        await directory.mark_names(db, keyring)

    yield seal
    await db.close()
