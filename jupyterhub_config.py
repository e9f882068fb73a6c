"""JupyterHub for a class: GitHub sign-in, one JupyterLab per student, one PythonMastery service.

    jupyterhub --config jupyterhub_config.py

Read it from top to bottom: what it takes from the environment, what it refuses to start with, then
the hub, who may come in and what they may do, the service, and the students' servers. `make hub`
runs it with PYTHONMASTERY_HUB=development: all on this machine, with a GitHub of its own.
docs/operators.md says where each value comes from.
"""

import grp
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from ipaddress import ip_address
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jupyterhub.crypto import _validate_key
from jupyterhub.spawner import Spawner
from jupyterhub.user import User
from oauthenticator.github import GitHubOAuthenticator, LocalGitHubOAuthenticator
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import HTTPError, RequestHandler

HERE = Path(__file__).resolve().parent
MODE = os.environ.get("PYTHONMASTERY_HUB", "").strip() or "production"
DEVELOPMENT = MODE == "development"

# 1. Values

#: A class on one's own machine; nothing here is secret, because nothing leaves the machine.
IN_DEVELOPMENT = {
    "ADMIN_USERS": "admin",
    "BIND_URL": "http://127.0.0.1:8000",
    "CULL_AFTER_SECONDS": "0",
    "GITHUB_CLIENT_ID": "pythonmastery-development",
    "GITHUB_CLIENT_SECRET": "known-to-everybody",
    "GITHUB_ORGANIZATIONS": "example-school",
    "GITHUB_URL": "http://127.0.0.1:8010",
    "INSTRUCTORS": "instructor",
    "PYTHONMASTERY_SERVICE_URL": "http://127.0.0.1:10101",
    "SPAWNER": "simple",
}
IN_PRODUCTION = {
    "BIND_URL": "http://127.0.0.1:8000",
    "GITHUB_URL": "https://github.com",
    "SPAWNER": "localprocess",
}
NEEDED = {
    "GITHUB_CLIENT_ID": "the client id of the GitHub OAuth app",
    "GITHUB_CLIENT_SECRET": "the client secret of the GitHub OAuth app",
    "OAUTH_CALLBACK_URL": "where GitHub sends people back to, https://HOST/hub/oauth_callback",
    "JUPYTERHUB_CRYPT_KEY": "the key of the sign-in state; make one with: openssl rand -hex 32",
    "PYTHONMASTERY_SERVICE_TOKEN": "the service's token; make one with: openssl rand -hex 32",
    "PYTHONMASTERY_SERVICE_URL": "where the service listens, such as http://127.0.0.1:10101",
}
#: Packages of their own.
SPAWNER_CLASSES = {
    "systemd": "systemdspawner.SystemdSpawner",
    "docker": "dockerspawner.DockerSpawner",
    "kube": "kubespawner.KubeSpawner",
}
#: What a spawner cannot do without, beside what is set for it at the end of this file.
SPAWNERS = {
    "simple": (),
    "localprocess": (),
    "systemd": (),
    "docker": ("SPAWNER_IMAGE", "DOCKER_NETWORK"),
    "kube": ("SPAWNER_IMAGE",),
}
SECRETS = ("PYTHONMASTERY_SERVICE_TOKEN", "CONFIGPROXY_AUTH_TOKEN")
SHORTEST_SECRET = 32
#: Of different letters; 32 random bytes in hex have 16.
FEWEST_LETTERS = 8
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Networks of Docker in which a container is not alone with hub, proxy and service.
OPEN_NETWORKS = ("host", "bridge", "default", "none")
#: A login, an organisation, or a team of one.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}(:[a-z0-9][a-z0-9_.-]{0,99})?")
MEMORY = re.compile(r"(?=.*[1-9])[0-9]+(\.[0-9]+)?[KMGT]?")
#: A word is no reason.
FEWEST_WORDS = 3


def value(name: str) -> str:
    usual = (IN_DEVELOPMENT if DEVELOPMENT else IN_PRODUCTION).get(name, "")
    return os.environ.get(name, "").strip() or usual


IN_DEVELOPMENT["OAUTH_CALLBACK_URL"] = value("BIND_URL").rstrip("/") + "/hub/oauth_callback"


def names(name: str) -> set[str]:
    """A comma-separated list; people and organisations have no capitals here."""
    return {each.strip().lower() for each in value(name).split(",") if each.strip()}


# 2. What it refuses to start with, a sentence each


def missing() -> list[str]:
    wanted = {} if DEVELOPMENT else dict(NEEDED)
    for name in SPAWNERS.get(value("SPAWNER"), ()):
        wanted[name] = f"the spawner {value('SPAWNER')} needs it"
    if value("PROXY_STARTED") == "elsewhere":
        wanted |= {"CONFIGPROXY_AUTH_TOKEN": "the proxy's token, the same as in its own settings"}
    return [f"{name} is not set: it is {what}." for name, what in wanted.items() if not value(name)]


def malformed() -> list[str]:
    found = []
    if MODE not in ("development", "production"):
        found.append(f"PYTHONMASTERY_HUB is {MODE}: it is development or production.")
    for name, most in (("CPU_LIMIT", 1024), ("AUTH_REFRESH_SECONDS", 3600)):
        found += not_a_number(name, 0.01, most)
    found += not_a_number("CULL_AFTER_SECONDS", 0, 10**9)
    if value("MEM_LIMIT") and not MEMORY.fullmatch(value("MEM_LIMIT")):
        found.append(f"MEM_LIMIT is no size, such as 512M or 1G: {value('MEM_LIMIT')}.")
    if value("PROXY_STARTED") not in ("", "elsewhere"):
        found.append("PROXY_STARTED is elsewhere, or not set: then the hub starts the proxy.")
    if bool(value("SSL_CERT")) != bool(value("SSL_KEY")):
        found.append("SSL_CERT and SSL_KEY belong together: set both or neither.")
    return found + malformed_names()


def malformed_names() -> list[str]:
    """A star lets nobody in, or everybody, depending on who reads it."""
    teams = ("INSTRUCTOR_TEAMS", "ADMIN_TEAMS")
    lists = ("GITHUB_ORGANIZATIONS", "ALLOWED_USERS", "ADMIN_USERS", "INSTRUCTORS", *teams)
    return [
        f"{name} has a team without its organisation: write org:team."
        for name in teams
        if any(not all(team.partition(":")[::2]) for team in names(name))
    ] + [
        f"{name} has what is no name at GitHub: {wrong[0]} (commas between them)."
        for name in lists
        if (wrong := sorted(one for one in names(name) if not NAME.fullmatch(one)))
    ]


def not_a_number(name: str, least: float, most: float) -> list[str]:
    text = value(name)
    try:
        number = float(text or most) if name == "CPU_LIMIT" else int(text or most)
    except ValueError:
        return [f"{name} is not a number: {text}."]
    if isfinite(number) and least <= number <= most:
        return []
    return [f"{name} is not between {least:g} and {most:g}: {text}."]


def unsafe_addresses() -> list[str]:
    found = unsafe_hosts()
    inside = ["PROXY_API_URL"] if value("SPAWNER") != "kube" else []
    #: Containers come to the hub over a network of their own.
    inside += ["HUB_BIND_URL"] if value("SPAWNER") not in ("kube", "docker") else []
    for name in inside:
        if value(name) and urlsplit(value(name)).hostname not in LOOPBACK:
            found.append(f"{name} is not on 127.0.0.1: whoever reaches it could move servers.")
    return found + unsafe_service() if value("PYTHONMASTERY_SERVICE_URL") else found


def unsafe_hosts() -> list[str]:
    """Of the addresses that people see."""
    host, back = urlsplit(value("SUBDOMAIN_HOST")), urlsplit(value("OAUTH_CALLBACK_URL"))
    if value("OAUTH_CALLBACK_URL") and not back.hostname:
        return ["OAUTH_CALLBACK_URL has no host: it is https://HOST/hub/oauth_callback."]
    if not value("SUBDOMAIN_HOST"):
        return []
    if host.scheme != "https" or not host.hostname or host.path.strip("/"):
        return ["SUBDOMAIN_HOST is not https: write https://HOST, without a path."]
    if is_address(host.hostname):
        return ["SUBDOMAIN_HOST is a number, which has no subdomains: write https://HOST."]
    if back.hostname and back.hostname != host.hostname:
        return ["OAUTH_CALLBACK_URL is not on SUBDOMAIN_HOST: nobody could come back to sign in."]
    return []


def is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def unsafe_service() -> list[str]:
    name, place = "PYTHONMASTERY_SERVICE_URL", urlsplit(value("PYTHONMASTERY_SERVICE_URL"))
    if place.scheme not in ("http", "https") or not place.hostname or place.path.strip("/"):
        return [f"{name} is not of the form http://HOST:PORT, without a path."]
    #: Between containers the network is the class's own.
    contained = value("SPAWNER") in ("kube", "docker") and is_inside(place.hostname)
    if place.scheme == "http" and place.hostname not in LOOPBACK and not contained:
        return [f"{name} would send tokens to another machine without https."]
    return []


def is_inside(host: str) -> bool:
    """A name that only the class's own network knows."""
    if is_address(host):
        return ip_address(host).is_private
    return "." not in host or host.endswith((".svc", ".cluster.local", ".internal"))


def crypt_keys() -> list[bytes]:
    """As JupyterHub's CryptKeeper takes them: 32 bytes each, hex or base64, with semicolons."""
    keys = (key.strip() for key in value("JUPYTERHUB_CRYPT_KEY").split(";"))
    return [_validate_key(key) for key in keys if key]


def unusable_key() -> list[str]:
    if not value("JUPYTERHUB_CRYPT_KEY"):
        return []
    mend = "make one with: openssl rand -hex 32"
    try:
        keys = crypt_keys()
    except ValueError:
        keys = []
    if not keys:
        return [f"JUPYTERHUB_CRYPT_KEY is no key: {mend}"]
    if any(len(set(key)) < FEWEST_LETTERS for key in keys):
        return [f"JUPYTERHUB_CRYPT_KEY can be guessed: {mend}"]
    return []


def weak_secrets() -> list[str]:
    found = []
    for name in SECRETS:
        if value(name) and len(value(name)) < SHORTEST_SECRET:
            found.append(f"{name} is too short: openssl rand -hex 32 makes one.")
        elif value(name) and len(set(value(name))) < FEWEST_LETTERS:
            found.append(f"{name} can be guessed: openssl rand -hex 32 makes one.")
    found += [
        f"{name} is that of `make hub`, which everybody knows."
        for name in ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")
        if value(name) == IN_DEVELOPMENT[name]
    ]
    held = [value(name) for name in (*SECRETS, "JUPYTERHUB_CRYPT_KEY", "GITHUB_CLIENT_SECRET")]
    if len(set(filter(None, held))) < len(list(filter(None, held))):
        found.append("Two of the secrets are the same: whoever has one would have both.")
    return found


def unsafe_sign_in() -> list[str]:
    found = []
    if not names("GITHUB_ORGANIZATIONS") and not names("ALLOWED_USERS"):
        found.append("Nobody may sign in: set GITHUB_ORGANIZATIONS or ALLOWED_USERS.")
    if value("OAUTH_CALLBACK_URL") and not value("OAUTH_CALLBACK_URL").startswith("https://"):
        found.append("OAUTH_CALLBACK_URL is not https: put a TLS proxy in front of the hub.")
    github = urlsplit(value("GITHUB_URL"))
    if github.scheme != "https" or not github.hostname:
        found.append("GITHUB_URL is not https: whoever listens could sign in as anybody.")
    host = urlsplit(value("BIND_URL")).hostname
    if value("SPAWNER") != "kube" and not value("SSL_CERT") and host not in LOOPBACK:
        found.append(
            "BIND_URL offers http to the network: listen on 127.0.0.1 behind a TLS proxy, or set "
            "SSL_KEY and SSL_CERT."
        )
    return found


def unsafe_servers() -> list[str]:
    spawner, found = value("SPAWNER"), []
    if spawner not in SPAWNERS:
        found.append(f"There is no spawner {spawner}: SPAWNER is one of {', '.join(SPAWNERS)}.")
    if spawner == "simple":
        found.append("SPAWNER=simple keeps nobody out of others' files: choose another one.")
    if spawner in ("localprocess", "systemd") and os.geteuid() != 0:
        found.append(f"SPAWNER={spawner} needs a hub that runs as root, to give out accounts.")
    if spawner == "localprocess" and (closed := closed_folder()):
        found.append(f"Students cannot run {sys.prefix}: {closed} is closed to them; move it.")
    if spawner == "docker" and value("DOCKER_NETWORK") in OPEN_NETWORKS:
        found.append("DOCKER_NETWORK is no network of the class's own: docker network create one.")
    reason = value("WITHOUT_SUBDOMAINS").split()
    if not value("SUBDOMAIN_HOST") and len(reason) < FEWEST_WORDS:
        found.append(
            "SUBDOMAIN_HOST is not set, so a page of one student's server could act in the "
            "browser of another: set it to https://HOST (with a wildcard name and certificate), "
            "or write into WITHOUT_SUBDOMAINS why your class can do without, in words."
        )
    return found


def open_files() -> list[str]:
    """What lies beside the hub and signs people in must not be read by whoever signs in."""
    found = []
    here = Path.cwd()
    if value("SPAWNER") in ("localprocess", "systemd") and here.stat().st_mode & 0o007:
        found.append(
            f"The hub was started in {here}, which students can enter, and keeps its database "
            "there: start it in a folder with mode 0700."
        )
    secrets = (here / "jupyterhub_cookie_secret", Path(value("SSL_KEY") or os.devnull))
    return found + [
        f"{place} can be read by others: set its mode to 0600."
        for place in secrets
        if place.is_file() and place.stat().st_mode & 0o077
    ]


def closed_folder() -> Path | None:
    """The first folder above Python that other accounts may not enter."""
    python = Path(sys.prefix), Path(sys.executable).resolve()
    above = [folder for place in python for folder in (place, *place.parents)]
    return next((one for one in reversed(above) if not one.stat().st_mode & 0o001), None)


def open_development() -> list[str]:
    places = ("BIND_URL", "GITHUB_URL", "HUB_BIND_URL", "PROXY_API_URL")
    places += ("PYTHONMASTERY_SERVICE_URL",)
    hosts = {urlsplit(value(name)).hostname for name in places if value(name)}
    if hosts <= set(LOOPBACK):
        return []
    return [f"In development anybody signs in as anybody: {', '.join(places)} are on 127.0.0.1."]


refused = missing() + malformed()
if DEVELOPMENT:
    refused += open_development()
else:
    refused += unsafe_sign_in() + unsafe_servers() + unsafe_addresses()
    refused += unusable_key() + weak_secrets() + open_files()
if refused:
    sys.exit("JupyterHub was not started:\n" + "\n".join(f"  - {line}" for line in refused))

# 3. The hub itself

SERVICE = "pythonmastery"
SPAWNER = value("SPAWNER")
PREFIX = urlsplit(value("BIND_URL")).path.rstrip("/") + f"/services/{SERVICE}"
SERVICE_URL = value("PYTHONMASTERY_SERVICE_URL").rstrip("/")
SERVICE_TOKEN = value("PYTHONMASTERY_SERVICE_TOKEN")
#: The service starts with the hub where nobody else starts it.
MANAGED = DEVELOPMENT and not SERVICE_TOKEN
if MANAGED:
    SERVICE_TOKEN = os.urandom(32).hex()

#: What the hub starts ends with it, even where it is killed: else the next one finds ports taken.
WITH_THE_HUB = ["setpriv", "--pdeathsig=TERM", "--"] if shutil.which("setpriv") else []

c = get_config()  # noqa: F821 - given by traitlets

if SPAWNER != "kube":
    c.JupyterHub.bind_url = value("BIND_URL")
    c.JupyterHub.hub_bind_url = value("HUB_BIND_URL") or "http://127.0.0.1:8081"
    c.JupyterHub.ssl_key, c.JupyterHub.ssl_cert = value("SSL_KEY"), value("SSL_CERT")
    c.JupyterHub.db_url = value("HUB_DATABASE_URL") or "sqlite:///jupyterhub.sqlite"
    #: Work goes on while the hub is started again.
    c.JupyterHub.cleanup_servers = DEVELOPMENT
    c.ConfigurableHTTPProxy.should_start = value("PROXY_STARTED") != "elsewhere"
    c.ConfigurableHTTPProxy.api_url = value("PROXY_API_URL") or "http://127.0.0.1:8001"
if (HERE / "node_modules/.bin/configurable-http-proxy").exists():
    c.ConfigurableHTTPProxy.command = [str(HERE / "node_modules/.bin/configurable-http-proxy")]
c.JupyterHub.subdomain_host = value("SUBDOMAIN_HOST")
#: Names beginning with __Host- cannot be set by a student's subdomain; they need https.
c.JupyterHub.cookie_host_prefix_enabled = value("OAUTH_CALLBACK_URL").startswith("https://")
c.JupyterHub.oauth_token_expires_in = 8 * 3600
#: The sign-in, what is told to whom it refuses, and a link to the pages of the service.
c.JupyterHub.template_paths = [str(HERE / "pythonmastery_ext/hub/templates")]
c.JupyterHub.template_vars = {
    SERVICE: {
        "organizations": sorted(names("GITHUB_ORGANIZATIONS")),
        "listed": bool(names("ALLOWED_USERS")),
        "github": value("GITHUB_URL").rstrip("/"),
        "client_id": value("GITHUB_CLIENT_ID"),
    }
}

# 4. Who may come in: GitHub says who somebody is, and is asked again every few minutes

ON_THIS_MACHINE = SPAWNER in ("localprocess", "systemd")
ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
#: With teams of GitHub the hub's own groups cannot be edited by hand.
TEAMS = {"instructors": names("INSTRUCTOR_TEAMS"), "admins": names("ADMIN_TEAMS")}
LOGINS = {"instructors": names("INSTRUCTORS"), "admins": names("ADMIN_USERS")}
BY_TEAMS = any(TEAMS.values())
ROLES = {"admins": "admin", "instructors": "instructor"}


def groups_of(auth_state: dict) -> set[str]:
    """The hub's groups of somebody, by their login or a team, written as organisation:team."""
    login = auth_state["github_user"]["login"].lower()
    mine = {
        f"{team['organization']['login']}:{team['slug']}".lower()
        for team in auth_state.get("teams", ())
    }
    return {group for group, teams in TEAMS.items() if mine & teams or login in LOGINS[group]}


class ClassGitHub(LocalGitHubOAuthenticator if ON_THIS_MACHINE else GitHubOAuthenticator):
    """Tells the service who comes, by GitHub's number, before anybody gets in."""

    async def update_auth_model(self, auth_model: dict) -> dict:
        auth_model = await super().update_auth_model(auth_model)
        person = auth_model["auth_state"]["github_user"]
        token = auth_model["auth_state"]["token_response"]
        person["email"], addresses = None, []
        if "user:email" in token.get("scope", ""):
            words = token["access_token"], token["token_type"]
            addresses = await self.httpfetch(
                f"{self.github_api}/user/emails",
                "fetching addresses",
                headers=self.build_userdata_request_headers(*words),
            )
        for address in addresses:
            if address["primary"] and address["verified"]:
                person["email"] = address["email"]
        return auth_model

    async def check_allowed(self, username: str, auth_model: dict | None) -> bool:
        """HTTPError for whom GitHub knows and the course does not; its page says what to do."""
        if await super().check_allowed(username, auth_model) or auth_model is None:
            return True
        where = ", ".join(sorted(names("GITHUB_ORGANIZATIONS"))) or "the list of this course"
        refusal = HTTPError(403, f"GitHub says that you are {username}, who is not in {where}.")
        refusal.login = username
        raise refusal

    async def introduce(self, auth_model: dict) -> None:
        """HTTPError with a sentence for the person if the service refuses them."""
        person = auth_model["auth_state"]["github_user"]
        groups = set(auth_model.get("groups") or ())
        role = next((role for group, role in ROLES.items() if group in groups), "student")
        known = {
            "github_id": person["id"],
            "login": person["login"],
            "name": person["name"],
            "avatar_url": person["avatar_url"],
            "email": person["email"],
            "role": role if BY_TEAMS else None,
        }
        try:
            await tell_service("PUT", auth_model["name"], known)
        except HTTPClientError as error:
            raise HTTPError(503 if error.code >= 500 else 403, sentence(error)) from error
        except OSError as error:
            raise HTTPError(503, "The PythonMastery service is away; try again soon.") from error

    async def run_post_auth_hook(self, handler: RequestHandler, auth_model: dict) -> dict:
        auth_model = await super().run_post_auth_hook(handler, auth_model)
        if ON_THIS_MACHINE and not ACCOUNT.fullmatch(auth_model["name"]):
            raise HTTPError(403, f"{auth_model['name']} cannot be the name of an account here.")
        await self.introduce(auth_model)
        return auth_model

    async def refresh_user(self, user: User, handler: Any = None, **more: Any) -> dict | bool:
        """Whoever was renamed, left or was refused signs in again; GitHub may be away meanwhile."""
        try:
            found = await super().refresh_user(user, handler, **more)
            if not isinstance(found, dict):
                return found
            if found["name"] != user.name:
                return False
            await self.check_allowed(user.name, found)
            await self.introduce(found)
        except (HTTPClientError, HTTPError, OSError) as error:
            if isinstance(error, HTTPError) and error.status_code == 403:
                return False
            self.log.warning("What is known of %s is not refreshed: %s", user.name, error)
            return True
        return found

    async def delete_user(self, user: User) -> None:
        super().delete_user(user)
        try:
            await tell_service("DELETE", user.name)
        except (HTTPClientError, OSError) as error:
            # The service compares its people with the hub's every hour.
            self.log.warning("The service was not told that %s is gone: %s", user.name, error)


async def tell_service(verb: str, name: str, known: dict | None = None) -> None:
    address = f"{SERVICE_URL}{PREFIX}/pythonmastery/api/v1/hub/people/{quote(name, safe='')}"
    request = HTTPRequest(
        address,
        method=verb,
        body=None if known is None else json.dumps(known),
        headers={"Authorization": f"token {SERVICE_TOKEN}", "Content-Type": "application/json"},
        connect_timeout=5,
        # A class that comes in at once waits for each other.
        request_timeout=30,
    )
    await AsyncHTTPClient(force_instance=True).fetch(request)


def sentence(error: HTTPClientError) -> str:
    """What the service says to the person."""
    try:
        return json.loads(error.response.body)["error"]["message"]
    except (AttributeError, ValueError, KeyError, TypeError):
        return "The PythonMastery service refused the sign-in; ask whoever runs it."


c.JupyterHub.authenticator_class = ClassGitHub
c.GitHubOAuthenticator.github_url = value("GITHUB_URL").rstrip("/")
c.GitHubOAuthenticator.client_id = value("GITHUB_CLIENT_ID")
c.GitHubOAuthenticator.client_secret = value("GITHUB_CLIENT_SECRET")
c.GitHubOAuthenticator.oauth_callback_url = value("OAUTH_CALLBACK_URL")
c.GitHubOAuthenticator.scope = ["read:user", "user:email", "read:org"]
c.GitHubOAuthenticator.allowed_organizations = names("GITHUB_ORGANIZATIONS")
c.Authenticator.allowed_users = names("ALLOWED_USERS")
c.Authenticator.admin_users = names("ADMIN_USERS")
#: Else whoever was here once may come back after they have left.
c.Authenticator.allow_existing_users = False
c.Authenticator.enable_auth_state = True
c.Authenticator.auth_refresh_age = int(value("AUTH_REFRESH_SECONDS") or 300)
c.Authenticator.auth_refresh_strict = True
#: Whoever was locked out a minute ago starts nothing.
c.Authenticator.refresh_pre_spawn = True
c.CryptKeeper.keys = [bytes(32)] if DEVELOPMENT else crypt_keys()
if BY_TEAMS:
    c.GitHubOAuthenticator.populate_teams_in_auth_state = True
    c.GitHubOAuthenticator.manage_groups = True
    c.GitHubOAuthenticator.auth_state_groups_key = groups_of
    c.GitHubOAuthenticator.admin_groups = {"admins"}
else:
    c.JupyterHub.load_groups = {name: {"users": sorted(who)} for name, who in LOGINS.items()}

# 5. What they may do; a server's own token may submit for its owner only: a student can read it

SUBMIT, TEACH, ADMIN = (f"custom:{SERVICE}:{what}" for what in ("submit", "teach", "admin"))
ACCESS = f"access:services!service={SERVICE}"

c.JupyterHub.custom_scopes = {
    SUBMIT: {"description": "work on problems"},
    TEACH: {"description": "see the work of one's sections", "subscopes": [SUBMIT]},
    ADMIN: {"description": "run the course", "subscopes": [TEACH]},
}
c.JupyterHub.extra_user_scopes = {SUBMIT, ACCESS}
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", ACCESS, SUBMIT]
c.JupyterHub.load_roles = [
    {"name": "pm-teach", "groups": ["instructors"], "scopes": [TEACH]},
    {"name": "pm-admin", "groups": ["admins"], "scopes": [ADMIN]},
    {
        "name": "pm-service",
        "services": [SERVICE],
        "scopes": [
            *("list:users", "read:users:name", "read:users:groups", "read:groups"),
            # Of whoever an admin locks out.
            "delete:servers",
        ],
    },
]

# 6. The services

#: Elsewhere it runs by itself, with an account, a supervisor and the secrets of its own.
service = {
    "name": SERVICE,
    "url": SERVICE_URL,
    "api_token": SERVICE_TOKEN,
    "display": True,
    "oauth_no_confirm": True,
    "oauth_client_allowed_scopes": [TEACH, ADMIN],
}
c.JupyterHub.services = [service]

cull_after = int(value("CULL_AFTER_SECONDS") or 3600)
if cull_after:
    culler = [*WITH_THE_HUB, sys.executable, "-m", "jupyterhub_idle_culler"]
    culler.append(f"--timeout={cull_after}")
    c.JupyterHub.services.append({"name": "cull", "command": culler})
    may = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    c.JupyterHub.load_roles.append({"name": "pm-cull", "services": ["cull"], "scopes": may})

if MANAGED:
    port = urlsplit(SERVICE_URL).port
    serve = [*WITH_THE_HUB, sys.executable, "-m", "pythonmastery_ext.cli", "serve", "--with-parent"]
    service["command"] = [*serve, f"--port={port}", f"--base-url={PREFIX}/"]
    service["environment"] = {
        name: text for name, text in os.environ.items() if name.startswith("PYTHONMASTERY_")
    } | {"HOME": str(Path.home())}
    github = [*WITH_THE_HUB, sys.executable, "-m", "deploy.development.github"]
    github += [f"--port={urlsplit(value('GITHUB_URL')).port}"]
    c.JupyterHub.services.append({"name": "github", "command": github, "cwd": str(HERE)})

# 7. The students' servers

c.JupyterHub.spawner_class = SPAWNER_CLASSES.get(SPAWNER, SPAWNER)
c.Spawner.default_url = "/lab"
if SPAWNER not in ("docker", "kube"):
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.disable_user_config = True
#: Kernels are reached through files of the student's own instead of ports that all can reach.
c.Spawner.args = ["--KernelManager.transport=ipc"]
c.Spawner.mem_limit = value("MEM_LIMIT") or "1G"
c.Spawner.cpu_limit = float(value("CPU_LIMIT") or 1)
c.Spawner.environment = {
    "PYTHONMASTERY_ROLE": "relay",
    "PYTHONMASTERY_AUTHORITY_URL": SERVICE_URL + PREFIX,
}
#: Page settings: nobody is asked about news before the first problem. An image sets it itself.
if SPAWNER not in ("docker", "kube") and (ours := find_spec("pythonmastery_ext")):
    settings = Path(ours.origin or "").with_name("jupyter_config")
    c.Spawner.environment["JUPYTER_CONFIG_PATH"] = str(settings)

if SPAWNER == "simple":
    c.SimpleLocalProcessSpawner.home_dir_template = value("HOMES") + "/{username}"
    #: Short, since the path of a kernel's socket may have 107 letters and no more.
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = lambda spawner: (
        f"{value('RUNTIME') or value('HOMES')}/{spawner.user.name}/.run"
    )
    if os.geteuid() == 0:
        c.Spawner.args.append("--allow-root")

if ON_THIS_MACHINE:
    LEARNERS = "pythonmastery-learners"
    subprocess.run(["groupadd", "--force", LEARNERS], check=True)  # noqa: S607 - PATH is root's
    c.LocalAuthenticator.create_system_users = True
    c.LocalAuthenticator.add_user_cmd = [
        *("useradd", "--create-home", "--key", "HOME_MODE=0700"),
        *("--gid", LEARNERS, "--shell", "/bin/bash"),
    ]

    def own_account(spawner: Spawner) -> None:
        """A login of GitHub may be the name of an account that is none of a student's."""
        account = pwd.getpwnam(spawner.user.name)
        if account.pw_gid != grp.getgrnam(LEARNERS).gr_gid:
            raise HTTPError(
                403,
                f"The account {account.pw_name} of this machine belongs to somebody else; ask "
                "whoever runs this hub.",
            )
        Path(account.pw_dir).chmod(0o700)

    c.Spawner.pre_spawn_hook = own_account
    #: Short, as above: a login of GitHub may have 39 letters.
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = lambda spawner: (
        f"{pwd.getpwnam(spawner.user.name).pw_dir}/.run"
    )

if SPAWNER == "systemd":
    c.SystemdSpawner.isolate_tmp = True
    c.SystemdSpawner.isolate_devices = True
    c.SystemdSpawner.disable_user_sudo = True
    c.SystemdSpawner.readonly_paths = ["/"]
    c.SystemdSpawner.readwrite_paths = ["/home/{USERNAME}"]
    c.SystemdSpawner.unit_extra_properties = {"TasksMax": "512", "ProtectProc": "invisible"}

if SPAWNER == "docker":
    c.DockerSpawner.image = value("SPAWNER_IMAGE")
    c.DockerSpawner.allowed_images = [value("SPAWNER_IMAGE")]
    c.DockerSpawner.network_name = value("DOCKER_NETWORK")
    c.DockerSpawner.remove = True
    c.DockerSpawner.volumes = {"pythonmastery-{username}": "/home/jovyan"}
    c.DockerSpawner.extra_host_config = {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": 512,
    }

if SPAWNER == "kube":
    #: With it the network policies of deploy/kubernetes: out only to the hub, the proxy, DNS, us.
    c.KubeSpawner.image = value("SPAWNER_IMAGE")
    c.KubeSpawner.automount_service_account_token = False
    c.KubeSpawner.allow_privilege_escalation = False
    c.KubeSpawner.container_security_context = {"capabilities": {"drop": ["ALL"]}}
