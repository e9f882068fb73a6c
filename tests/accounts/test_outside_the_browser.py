"""Sessions where they are used: in a kernel of a classroom, and beside one's own JupyterLab."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from pythonmastery_ext.kernelside import client, errors
from pythonmastery_ext.kernelside.servers import API, Address, find_server
from tests.accounts.conftest import School, Visit
from tests.api import servers
from tests.api.client import PREFIX, Api
from tests.conftest import fresh_database

DRAFT = {"label": "a kernel", "kind": "kernel"}


@pytest.fixture(scope="module")
def lab(
    postgres_url: str, template: str, no_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """One's own Jupyter server, and its log."""
    log = tmp_path_factory.mktemp("lab") / "log"
    with fresh_database(postgres_url, template) as url, ExitStack() as stack:
        environment = {
            "PYTHONMASTERY_DATABASE_URL": url,
            "PYTHONMASTERY_COURSE_DIR": str(no_course),
            "PYTHONMASTERY_ROLE": "local",
            "PYTHONMASTERY_WORKER": "false",
        }
        root = stack.enter_context(servers.jupyter(log, environment))
        servers.wait_ready(root, servers.TOKEN, log)
        yield root, log


@pytest.fixture
async def script(lab: tuple[str, Path]) -> AsyncIterator[tuple[httpx.AsyncClient, str, int]]:
    """A program that has nothing but a session's token."""
    owner = Api(lab[0], servers.TOKEN, "local")
    told = (await owner("POST", "me/sessions", json=DRAFT))[1]
    await owner.close()
    token = told["token"]
    async with httpx.AsyncClient(
        base_url=lab[0],
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=40,
    ) as http:
        yield http, token, told["session"]["id"]


async def test_beside_ones_own_lab_it_opens_the_api_and_writes_without_a_cookie(script):
    http, _, _ = script
    status = await http.get(PREFIX + "status")
    assert status.json()["learner"]["username"] == "local"
    changed = await http.patch(PREFIX + "me/profile", json={"bio": "From a script"})
    assert (changed.status_code, changed.json()["bio"]) == (200, "From a script")
    assert not http.cookies


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "api/terminals", "api/me", "lab"])
async def test_it_opens_nothing_else_of_that_server(script, path):
    http, _, _ = script
    answer = await http.get(path, follow_redirects=False)
    assert answer.status_code in (302, 401, 403, 404)
    assert (await http.post("api/kernels", json={})).status_code in (401, 403, 404)


async def test_there_too_it_ends_at_once_and_is_in_no_log(script, lab):
    http, token, session_id = script
    assert (await http.delete(f"{PREFIX}me/sessions/{session_id}")).status_code == 200
    assert (await http.get(PREFIX + "me/profile")).status_code == 401
    assert token.removeprefix("pm_") not in lab[1].read_text()


async def test_a_kernel_uses_one_from_its_environment(school: School, visit: Visit):
    """The service itself: the hub's proxy and the student's own server know no such token."""
    ada = visit("kernel-ada")
    told = (await ada("POST", "me/sessions", json=DRAFT))[1]
    environment = {
        "PYTHONMASTERY_TOKEN": told["token"],
        "PYTHONMASTERY_AUTHORITY_URL": school.root,
        "JUPYTERHUB_API_TOKEN": "the-servers-own",
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/user/kernel-ada/",
    }
    address = find_server(environment)
    assert address == Address(url=school.root + API, token=told["token"])
    api = client.Api(address)
    assert api.course().problems == []
    await ada("DELETE", f"me/sessions/{told['session']['id']}")
    with pytest.raises(errors.Refused) as caught:
        api.course()
    assert caught.value.status == 401
    api.close()


def test_a_token_that_is_set_goes_before_the_one_that_jupyter_tells():
    own = {"PYTHONMASTERY_TOKEN": "pm_x", "JUPYTER_SERVER_URL": "http://h/", "JUPYTER_TOKEN": "j"}
    assert find_server(own).token == "pm_x"


def test_an_address_never_shows_its_token():
    assert "pm_x" not in repr(Address(url="http://h/", token="pm_x"))
