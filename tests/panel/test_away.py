"""Pages while something is away, and sign-ins that another replica ends."""

import socket
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from pythonmastery_ext.config import Settings
from pythonmastery_ext.errors import HubAway
from pythonmastery_ext.panel import sign_in
from pythonmastery_ext.panel.sign_in import hub_sign_in
from tests.api import servers
from tests.panel.office import PREFIX, Browser, text
from tests.ports import free_port


@pytest.fixture(scope="module")
def without_database(desk, tmp_path_factory):
    log = tmp_path_factory.mktemp("away") / "log"
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "serve", f"--port={port}"]
    environment = {
        **desk.environment,
        "PYTHONMASTERY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{root}{PREFIX}oauth_callback",
    }
    with servers.process([*words, f"--base-url={PREFIX}"], log, environment):
        yield servers.answering(root + PREFIX, log).removesuffix(PREFIX)


def test_without_a_database_a_page_says_so_in_the_same_look(desk, without_database):
    desk.browser("grace", "admin")
    browser = Browser(without_database, "grace")
    page = browser.get("admin/people")
    browser.http.close()
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert "Not available right now" in text(page)
    assert "The service" in text(page)
    assert "style.min.css" in page.text


def test_a_sign_in_that_one_replica_began_is_ended_by_another(desk, without_database):
    """They know the same secret and remember nothing."""
    # The other one has no database to record in who comes to run the course.
    browser = desk.browser("learner-of-two-replicas")
    asked = browser.get("admin/queue", follow=False)
    agreed = browser.http.get(asked.headers["Location"])
    code = urlsplit(agreed.headers["Location"]).query
    # Cookies know no ports, so the browser brings along what the first one gave it.
    ended = browser.http.get(f"{without_database}{PREFIX}oauth_callback?{code}")
    assert ended.status_code == 302
    assert ended.headers["Location"] == f"{PREFIX}admin/queue"


def test_a_state_tells_nothing_and_cannot_be_made():
    settings = Settings(role="authority", hub_token="secret", hub_api_url="http://127.0.0.1:1")
    one, other = hub_sign_in(settings, PREFIX), hub_sign_in(settings, PREFIX)
    settings.hub_token = "another"
    stranger = hub_sign_in(settings, PREFIX)
    state = one.generate_state(f"{PREFIX}admin", code_verifier="verifier")
    assert "verifier" not in state
    assert other._decode_state(state) == {
        "next_url": f"{PREFIX}admin",
        "code_verifier": "verifier",
    }
    assert stranger._decode_state(state) == one._decode_state("forged") == {}
    assert one._decode_state("é") == {}


async def test_a_hub_that_hangs_is_away(monkeypatch):
    monkeypatch.setattr(sign_in, "HUB_PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(role="authority", hub_token="secret", hub_api_url=address)
        hub = hub_sign_in(settings, PREFIX)
        with pytest.raises(HubAway):
            await hub.token_for_code("code", sync=False)
        with pytest.raises(HubAway):
            await hub.user_for_token("token", use_cache=False, sync=False)


def test_over_https_the_cookies_go_over_tls_only(desk):
    settings = Settings(
        role="authority",
        hub_token="secret",
        hub_api_url="http://127.0.0.1:1",
        hub_public_url="https://hub.example.org/services/pythonmastery/",
    )
    assert hub_sign_in(settings, PREFIX).cookie_options == {"samesite": "Lax", "secure": True}


def test_the_challenge_of_the_sign_in_is_sent_along(desk):
    asked = desk.browser("grace", "admin").get("admin", follow=False)
    query = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["client_id"] == ["service-pythonmastery"]
