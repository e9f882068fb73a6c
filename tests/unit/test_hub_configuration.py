"""`jupyterhub_config.py` refuses to start, with a sentence each, where it would be unsafe."""

from pathlib import Path

import pytest
from traitlets.config import Config

FILE = Path(__file__).resolve().parents[2] / "jupyterhub_config.py"
GOOD = {
    "GITHUB_CLIENT_ID": "id",
    "GITHUB_CLIENT_SECRET": "secret",
    "OAUTH_CALLBACK_URL": "https://learn.example/hub/oauth_callback",
    "JUPYTERHUB_CRYPT_KEY": "0" * 64,
    "PYTHONMASTERY_SERVICE_TOKEN": "1" * 64,
    "PYTHONMASTERY_SERVICE_URL": "http://127.0.0.1:10101",
    "GITHUB_ORGANIZATIONS": "our-school",
}


@pytest.fixture
def load(monkeypatch):
    for name in [*GOOD, "ALLOWED_USERS", "SPAWNER", "BEHIND_PROXY"]:
        monkeypatch.delenv(name, raising=False)

    def load(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        config = Config()
        exec(compile(FILE.read_text(), FILE.name, "exec"), {"get_config": lambda: config})  # noqa: S102
        return config

    return load


def test_it_loads_with_what_it_needs(load):
    config = load(**GOOD)
    assert config.GitHubOAuthenticator.allowed_organizations == {"our-school"}
    assert config.Spawner.environment["PYTHONMASTERY_ROLE"] == "relay"


def test_a_students_server_may_submit_and_not_teach(load):
    scopes = load(**GOOD).Spawner.server_token_scopes
    assert "custom:pythonmastery:submit" in scopes
    assert not [scope for scope in scopes if "teach" in scope or "admin" in scope]


@pytest.mark.parametrize("missing", sorted(set(GOOD) - {"GITHUB_ORGANIZATIONS"}))
def test_it_names_what_is_missing(load, missing):
    with pytest.raises(SystemExit, match=missing):
        load(**{name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"GITHUB_ORGANIZATIONS": ""}, "Nobody may sign in"),
        ({"OAUTH_CALLBACK_URL": "http://learn.example/hub/oauth_callback"}, "not https"),
        ({"SPAWNER": "simple"}, "keeps nobody out"),
    ],
)
def test_it_refuses_what_is_unsafe(load, change, sentence):
    with pytest.raises(SystemExit, match=sentence):
        load(**{**GOOD, **change})
