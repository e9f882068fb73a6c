"""`jupyterhub_config.py` refuses to start, with a sentence each, where it would be unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

FILE = Path(__file__).resolve().parents[2] / "jupyterhub_config.py"
GOOD = {
    "GITHUB_CLIENT_ID": "id",
    "GITHUB_CLIENT_SECRET": "secret",
    "OAUTH_CALLBACK_URL": "https://learn.example/hub/oauth_callback",
    "JUPYTERHUB_CRYPT_KEY": "0123456789abcdef" * 4,
    "PYTHONMASTERY_SERVICE_TOKEN": "89abcdef" * 8,
    "PYTHONMASTERY_SERVICE_URL": "http://127.0.0.1:10101",
    "GITHUB_ORGANIZATIONS": "Our-School",
    "SUBDOMAIN_HOST": "https://learn.example",
    "SPAWNER": "docker",
    "SPAWNER_IMAGE": "registry.example/pythonmastery-singleuser:0.1.0",
    "DOCKER_NETWORK": "learners",
}
OTHERS = (
    *("ADMIN_TEAMS", "ADMIN_USERS", "ALLOWED_USERS", "BIND_URL", "CULL_AFTER_SECONDS"),
    *("GITHUB_URL", "HOMES", "INSTRUCTORS", "INSTRUCTOR_TEAMS", "PYTHONMASTERY_HUB", "SSL_CERT"),
    *("AUTH_REFRESH_SECONDS", "CONFIGPROXY_AUTH_TOKEN", "CPU_LIMIT", "HUB_BIND_URL"),
    *("MEM_LIMIT", "PROXY_API_URL", "PROXY_STARTED", "SSL_KEY", "WITHOUT_SUBDOMAINS"),
)
#: Of 32 bytes.
BASE64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DEVELOPMENT = {"PYTHONMASTERY_HUB": "development", "HOMES": "/nowhere"}


@pytest.fixture
def load(monkeypatch):
    for name in (*GOOD, *OTHERS):
        monkeypatch.delenv(name, raising=False)

    def load(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        config = Config()
        given = {"get_config": lambda: config, "__file__": str(FILE), "__name__": "config"}
        exec(compile(FILE.read_text(), FILE.name, "exec"), given)  # noqa: S102
        return config

    return load


def refused(load, **environment):
    with pytest.raises(SystemExit) as stopped:
        load(**environment)
    return [line.removeprefix("  - ") for line in str(stopped.value).splitlines()[1:]]


def test_it_loads_with_what_it_needs(load):
    config = load(**GOOD)
    assert config.GitHubOAuthenticator.allowed_organizations == {"our-school"}
    assert config.Spawner.environment == {
        "PYTHONMASTERY_ROLE": "relay",
        "PYTHONMASTERY_AUTHORITY_URL": "http://127.0.0.1:10101/services/pythonmastery",
    }


@pytest.mark.parametrize(
    "missing", sorted(set(GOOD) - {"GITHUB_ORGANIZATIONS", "SUBDOMAIN_HOST", "SPAWNER"})
)
def test_it_names_what_is_missing(load, missing):
    told = refused(load, **{name: value for name, value in GOOD.items() if name != missing})
    assert len(told) == 1
    assert told[0].startswith(f"{missing} is not set: it is ")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"GITHUB_ORGANIZATIONS": ""}, "Nobody may sign in"),
        ({"OAUTH_CALLBACK_URL": "http://learn.example/hub/oauth_callback"}, "is not https: put a"),
        ({"GITHUB_URL": "http://github.example"}, "GITHUB_URL is not https"),
        ({"BIND_URL": "http://0.0.0.0:8000"}, "offers http to the network"),
        ({"BIND_URL": "http://:8000"}, "offers http to the network"),
        ({"PYTHONMASTERY_SERVICE_TOKEN": "short"}, "is too short"),
        ({"SUBDOMAIN_HOST": ""}, "SUBDOMAIN_HOST is not set"),
        ({"SPAWNER": "simple"}, "keeps nobody out of others' files"),
        ({"SPAWNER": "mine"}, "There is no spawner mine"),
        ({"SSL_CERT": "/etc/ssl/learn.pem"}, "belong together"),
        ({"JUPYTERHUB_CRYPT_KEY": "z" * 64}, "is no key"),
        ({"SUBDOMAIN_HOST": "learn.example"}, "SUBDOMAIN_HOST is not https"),
        ({"PROXY_API_URL": "http://0.0.0.0:8001"}, "is not on 127.0.0.1"),
        ({"PYTHONMASTERY_SERVICE_URL": "127.0.0.1:10101"}, "is not of the form"),
        ({"PYTHONMASTERY_SERVICE_URL": "http://127.0.0.1:10101/services"}, "without a path"),
        ({"INSTRUCTOR_TEAMS": "teachers"}, "write org:team"),
        ({"OAUTH_CALLBACK_URL": "https:///hub/oauth_callback"}, "has no host"),
        ({"CPU_LIMIT": "many"}, "CPU_LIMIT is not a number"),
        ({"CULL_AFTER_SECONDS": "1h"}, "CULL_AFTER_SECONDS is not a number"),
        ({"AUTH_REFRESH_SECONDS": "5m"}, "AUTH_REFRESH_SECONDS is not a number"),
        ({"PROXY_STARTED": "elsewhere"}, "CONFIGPROXY_AUTH_TOKEN is not set"),
        ({"PROXY_STARTED": "Elsewhere"}, "PROXY_STARTED is elsewhere, or not set"),
        ({"PROXY_STARTED": "elsewhere", "CONFIGPROXY_AUTH_TOKEN": "short"}, "is too short"),
        ({"PYTHONMASTERY_HUB": "Development"}, "it is development or production"),
        ({"GITHUB_CLIENT_ID": " \t"}, "GITHUB_CLIENT_ID is not set"),
        ({"GITHUB_ORGANIZATIONS": " , "}, "Nobody may sign in"),
        ({"GITHUB_ORGANIZATIONS": "*"}, "no name at GitHub: *"),
        ({"GITHUB_ORGANIZATIONS": "our-school their-school"}, "commas between them"),
        ({"ALLOWED_USERS": "*"}, "no name at GitHub: *"),
        ({"ADMIN_USERS": "ada;grace"}, "no name at GitHub: ada;grace"),
        ({"INSTRUCTOR_TEAMS": "our-school:*"}, "no name at GitHub"),
        ({"GITHUB_CLIENT_SECRET": "known-to-everybody"}, "which everybody knows"),
        ({"GITHUB_URL": "https://"}, "GITHUB_URL is not https"),
        ({"JUPYTERHUB_CRYPT_KEY": "0" * 64}, "can be guessed"),
        ({"JUPYTERHUB_CRYPT_KEY": " ; "}, "is no key"),
        ({"PYTHONMASTERY_SERVICE_TOKEN": "secret" * 8}, "can be guessed"),
        ({"PYTHONMASTERY_SERVICE_TOKEN": "0123456789abcdef" * 4}, "secrets are the same"),
        ({"SUBDOMAIN_HOST": "", "WITHOUT_SUBDOMAINS": "false"}, "SUBDOMAIN_HOST is not set"),
        ({"SUBDOMAIN_HOST": "https://"}, "without a path"),
        ({"SUBDOMAIN_HOST": "https://learn.example/hub"}, "without a path"),
        ({"SUBDOMAIN_HOST": "https://192.0.2.1"}, "which has no subdomains"),
        ({"SUBDOMAIN_HOST": "https://other.example"}, "is not on SUBDOMAIN_HOST"),
        ({"DOCKER_NETWORK": "host"}, "no network of the class's own"),
        ({"PYTHONMASTERY_SERVICE_URL": "http://learn.example:10101"}, "without https"),
        ({"PYTHONMASTERY_SERVICE_URL": "http://192.0.2.999:10101"}, "without https"),
        ({"CPU_LIMIT": "nan"}, "CPU_LIMIT is not between"),
        ({"CPU_LIMIT": "0"}, "CPU_LIMIT is not between"),
        ({"MEM_LIMIT": "0"}, "MEM_LIMIT is no size"),
        ({"MEM_LIMIT": "1 GB"}, "MEM_LIMIT is no size"),
        ({"CULL_AFTER_SECONDS": "-1"}, "CULL_AFTER_SECONDS is not between"),
        ({"AUTH_REFRESH_SECONDS": "0"}, "AUTH_REFRESH_SECONDS is not between"),
    ],
)
def test_it_refuses_what_is_unsafe(load, change, sentence):
    told = refused(load, **{**GOOD, **change})
    assert len(told) == 1
    assert sentence in told[0]


def test_everything_that_is_wrong_is_told_at_once(load):
    assert len(refused(load)) > len(GOOD) / 2


def test_students_accounts_need_a_hub_that_may_make_them(load, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert any("runs as root" in line for line in refused(load, **{**GOOD, "SPAWNER": "systemd"}))


def test_students_must_be_able_to_run_what_their_servers_are_made_of(load, monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    told = refused(load, **{**GOOD, "SPAWNER": "localprocess"})
    assert any("is closed to them" in line for line in told)


@pytest.fixture
def as_root(monkeypatch, tmp_path):
    """With students on this machine, in a folder that they cannot enter."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda *_words, **_options: None)
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_the_hub_keeps_lies_where_students_cannot_go(load, as_root):
    on_this_machine = {**GOOD, "SPAWNER": "systemd"}
    load(**on_this_machine)
    as_root.chmod(0o755)
    assert ["students can enter" in line for line in refused(load)] == [True]
    as_root.chmod(0o700)
    for name in ("jupyterhub_cookie_secret", "key.pem"):
        (as_root / name).touch(mode=0o644)
    told = refused(load, SSL_KEY=str(as_root / "key.pem"), SSL_CERT="/etc/ssl/learn.pem")
    assert [line.endswith("set its mode to 0600.") for line in told] == [True, True]
    for name in ("jupyterhub_cookie_secret", "key.pem"):
        (as_root / name).chmod(0o600)
    load()
    assert ["HUB_BIND_URL is not on" in line for line in refused(load, HUB_BIND_URL="http://:8081")]


@pytest.mark.parametrize(
    "allowed",
    [
        {"GITHUB_ORGANIZATIONS": "", "ALLOWED_USERS": "ada, Grace"},
        {"SUBDOMAIN_HOST": "", "WITHOUT_SUBDOMAINS": "one student at a time in an exam room"},
        {"BIND_URL": "https://:443", "SSL_CERT": "/etc/ssl/learn.pem", "SSL_KEY": "/etc/ssl/key"},
        {"GITHUB_ORGANIZATIONS": "our-school:class-of_26", "ALLOWED_USERS": "ada-l, Grace_corp"},
        {"PYTHONMASTERY_SERVICE_URL": "http://service:10101", "HUB_BIND_URL": "http://hub:8081"},
        {"MEM_LIMIT": "1.5G", "CPU_LIMIT": "0.5", "AUTH_REFRESH_SECONDS": "60"},
        {"JUPYTERHUB_CRYPT_KEY": BASE64 + ";" + "0123456789abcdef" * 4},
    ],
)
def test_what_is_waived_or_done_otherwise_is_let_through(load, allowed):
    load(**{**GOOD, **allowed})


def test_a_class_on_ones_own_machine_needs_nothing_and_stays_on_it(load):
    config = load(**DEVELOPMENT)
    assert {service["name"] for service in config.JupyterHub.services} == {
        *("pythonmastery", "github")
    }
    for name in ("BIND_URL", "HUB_BIND_URL", "PROXY_API_URL", "PYTHONMASTERY_SERVICE_URL"):
        told = refused(load, **{**DEVELOPMENT, name: "http://0.0.0.0:9000"})
        assert "anybody signs in as anybody" in told[0]
        load(**{name: ""})


@pytest.mark.usefixtures("as_root")
def test_tokens_go_to_another_machine_over_https_only(load):
    elsewhere = {**GOOD, "SPAWNER": "systemd", "PYTHONMASTERY_SERVICE_URL": "http://service:10101"}
    assert ["without https" in line for line in refused(load, **elsewhere)] == [True]
    load(PYTHONMASTERY_SERVICE_URL="https://service:10101")


def test_on_another_port_people_come_back_to_it(load):
    config = load(**DEVELOPMENT, BIND_URL="http://127.0.0.1:9000")
    back = config.GitHubOAuthenticator.oauth_callback_url
    assert back == "http://127.0.0.1:9000/hub/oauth_callback"


def test_a_students_server_may_submit_and_not_teach(load):
    scopes = load(**GOOD).Spawner.server_token_scopes
    assert "custom:pythonmastery:submit" in scopes
    assert not [scope for scope in scopes if "teach" in scope or "admin" in scope]


def test_the_service_and_the_culler_get_no_more_than_they_need(load):
    roles = {role["name"]: role for role in load(**GOOD).JupyterHub.load_roles}
    for name in ("pm-service", "pm-cull"):
        held = set(roles[name]["scopes"])
        assert not [scope for scope in held if scope.startswith(("admin:", "tokens", "access:"))]
        assert [scope for scope in held if scope.startswith("delete:")] == ["delete:servers"]


def test_groups_are_the_hubs_own_or_follow_from_teams(load):
    config = load(**GOOD, INSTRUCTORS="tess", ADMIN_USERS="root-of-all")
    assert config.JupyterHub.load_groups["instructors"] == {"users": ["tess"]}
    teams = load(INSTRUCTOR_TEAMS="our-school:teachers")
    assert "load_groups" not in teams.JupyterHub
    groups_of = teams.GitHubOAuthenticator.auth_state_groups_key
    team = {"organization": {"login": "Our-School"}, "slug": "teachers"}
    person = {"github_user": {"login": "Zoe"}, "teams": [team]}
    assert groups_of(person) == {"instructors"}
    assert groups_of({"github_user": {"login": "Tess"}}) == {"instructors"}
    assert groups_of({"github_user": {"login": "root-of-all"}}) == {"admins"}
    assert groups_of({"github_user": {"login": "zoe"}}) == set()


@pytest.mark.parametrize(
    ("spawner", "settings"),
    [
        ("docker", {"DockerSpawner": ("allowed_images", "network_name", "extra_host_config")}),
        (
            "kube",
            {"KubeSpawner": ("automount_service_account_token", "allow_privilege_escalation")},
        ),
    ],
)
def test_each_spawner_gets_its_walls(load, spawner, settings):
    config = load(**{**GOOD, "SPAWNER": spawner})
    for section, names in settings.items():
        assert all(name in config[section] for name in names)
    assert "--KernelManager.transport=ipc" in config.Spawner.args
    assert config.Spawner.disable_user_config


@pytest.mark.usefixtures("as_root")
def test_units_of_systemd_have_walls_and_accounts_of_their_own(load):
    config = load(**{**GOOD, "SPAWNER": "systemd"})
    walls = config.SystemdSpawner
    assert walls.isolate_tmp
    assert walls.isolate_devices
    assert walls.disable_user_sudo
    assert walls.readonly_paths == ["/"]
    assert walls.unit_extra_properties["TasksMax"]
    assert "HOME_MODE=0700" in config.LocalAuthenticator.add_user_cmd
