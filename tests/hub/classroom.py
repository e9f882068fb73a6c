"""A class: a real JupyterHub with its proxy, the service, students' servers, and a GitHub."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from deploy.development.ending import WITH_PARENT, end_below
from pythonmastery_ext.db.engine import psycopg_dsn
from tests.api.client import TLS
from tests.counterparts.github import GitHub, running_github
from tests.hub.apart import give_subdomains
from tests.ports import free_port
from tests.ui.desk import EXPOSED

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "/services/pythonmastery"
API = "/pythonmastery/api/v1/"
PEOPLE = ("student", "instructor", "admin")
#: A busy machine is slow, not wrong.
PATIENCE = 90.0


@dataclass(frozen=True)
class Own:
    """The service in an account of its own, and a Python that every account can run."""

    account: str
    python: str
    environment: dict[str, str]


@dataclass
class Classroom:
    """Where everything is, and the moves of people in it."""

    #: Address of the proxy, where people come in.
    url: str
    #: The service itself, past the proxy, with its prefix.
    service: str
    #: The service's own token at the hub.
    service_token: str
    #: Token of an admin of the hub that belongs to nobody.
    hub_token: str
    github: GitHub
    database_url: str
    folder: Path
    environment: dict[str, str]
    service_environment: dict[str, str]
    #: Where browsers find the pages of the service.
    pages: str
    own: Own | None = None
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    _browsers: list[httpx.Client] = field(default_factory=list)

    def start(self, name: str) -> None:
        """`hub` (with the proxy and what runs below it) or `service`, with a log of its own."""
        words = {
            "hub": ["-m", "jupyterhub", f"--config={self.folder / 'hub.py'}"],
            "service": [
                *("-m", "pythonmastery_ext.cli", "serve", f"--base-url={PREFIX}/"),
                f"--port={urlsplit(self.service).port}",
            ],
        }[name]
        own = self.own if name == "service" else None
        with self.log(name).open("ab") as out:
            self.processes[name] = subprocess.Popen(
                # Whoever runs the tests may be killed.
                [*WITH_PARENT, self.own.python if self.own else sys.executable, *words],
                user=own.account if own else None,
                group=own.account if own else None,
                extra_groups=[] if own else None,
                env=self.environment if name == "hub" else self.service_environment,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                # A shell's background job would ignore SIGINT.
                start_new_session=True,
            )

    def stop(self, name: str) -> None:
        """As an operator does."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill_group(process)

    def kill(self, name: str) -> None:
        """As a crash does; what it started goes on."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(10)

    @staticmethod
    def kill_group(process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def wait(self) -> None:
        """Until both answer, through the proxy too."""
        self.until(f"{self.service}/healthz/ready", "service")
        self.until(f"{self.url}/hub/health", "hub")
        self.until(f"{self.pages}healthz/ready", "hub")

    def until(self, address: str, name: str, status: int = 200) -> None:
        end, told = time.monotonic() + PATIENCE, "no answer"
        while time.monotonic() < end:
            process = self.processes.get(name)
            if process is not None and process.poll() is not None:
                break
            try:
                answer = httpx.get(address, timeout=5, trust_env=False, verify=TLS)
                told = f"{answer.status_code}"
                if answer.status_code == status:
                    return
            except httpx.TransportError as problem:
                told = repr(problem)
            time.sleep(0.05)
        raise AssertionError(f"{address}: {told}\n{self.log(name).read_text()[-6000:]}")

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(psycopg_dsn(self.database_url), autocommit=True) as connection:
            yield connection

    # People

    def try_sign_in(
        self, login: str, *, follow: bool = True
    ) -> tuple[httpx.Client, httpx.Response]:
        """The browser of this person, and the last page they came to."""
        browser = httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=TLS)
        self._browsers.append(browser)
        page = browser.get("/hub/oauth_login", params={"next": "/hub/home"})
        asked = page.headers["location"]
        chosen = browser.post(asked, data={"login": login})
        page = browser.get(chosen.headers["location"], follow_redirects=follow)
        return browser, page

    def sign_in(self, login: str) -> httpx.Client:
        """A browser with this person's cookies at the hub; closed with the class."""
        browser, page = self.try_sign_in(login)
        assert page.status_code == 200, page.text
        assert page.url.path == "/hub/home", page.url
        return browser

    def api_token(self, login: str) -> str:
        """What this person may do, as they would make it on the hub's token page."""
        if login not in self._tokens:
            self._tokens[login] = self.new_token(self.sign_in(login), login)
        return self._tokens[login]

    def new_token(self, browser: httpx.Client, login: str, **asked: Any) -> str:
        answer = browser.post(
            f"/hub/api/users/{login}/tokens",
            json={"note": "test", **asked},
            headers={"X-XSRFToken": browser.cookies["_xsrf"]},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def open_service(self, browser: httpx.Client, page: str = "/") -> httpx.Response:
        """A page of the service for somebody who has signed in at the hub."""
        return browser.get(PREFIX + page, follow_redirects=True)

    # Servers

    def start_server(self, login: str) -> str:
        """The address of this person's server, once it answers."""
        server = f"{self.url}/user/{login}"
        token = self.api_token(login)
        answer = self.hub("POST", f"users/{login}/server", token=token)
        assert answer.status_code in (201, 202, 400), answer.text
        self.until(f"{server}/api", "hub")
        return server

    def stop_server(self, login: str) -> None:
        """Until it has ended, which takes the hub a while."""
        answer = self.hub("DELETE", f"users/{login}/server")
        end = time.monotonic() + PATIENCE
        while answer.status_code == 202 or self.hub("GET", f"users/{login}").json()["servers"]:
            assert time.monotonic() < end, answer.text
            time.sleep(0.1)
            answer = self.hub("GET", f"users/{login}")

    # Calls

    def hub(self, verb: str, path: str, *, token: str = "", body: Any = None) -> httpx.Response:
        """The hub's API, as its admin if no token is given."""
        return _request(verb, f"{self.url}/hub/api/{path}", token or self.hub_token, body)

    def ask(self, token: str, verb: str, path: str, body: Any = None) -> httpx.Response:
        """The service's API with this token, past the relay."""
        return _request(verb, f"{self.service}{API}{path}", token, body)

    def call(self, login: str, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """The same as this person; what is refused comes back as it is told."""
        return dict(self.ask(self.api_token(login), verb, path, body).json())

    def relayed(self, login: str, verb: str, path: str, body: Any = None) -> httpx.Response:
        """The API through this person's own server, which must have been started."""
        return _request(verb, f"{self.url}/user/{login}{API}{path}", self.api_token(login), body)


def _request(verb: str, address: str, token: str, body: Any) -> httpx.Response:
    return httpx.request(
        verb,
        address,
        json=body,
        headers={"Authorization": f"token {token}"},
        timeout=30,
        trust_env=False,
        verify=TLS,
    )


@contextmanager
def classroom(
    folder: Path,
    database_url: str,
    course_dir: Path,
    own: Own | None = None,
    host: str = "",
    **changes: str,
) -> Iterator[Classroom]:
    """Everything is ended by its own pid when the block ends. `changes`: settings of the hub.

    `host`: where each person, and the service, has a subdomain of it.
    """
    with running_github() as github, ExitStack() as stack:
        for login in PEOPLE:
            github.add(login, name=login.title())
        room = _plan(folder, database_url, course_dir, github, changes)
        room.own = own
        room.service_environment |= own.environment if own else {}
        if host:
            room.pages = give_subdomains(room.environment, room.service_environment, host)
            room.url = room.environment["SUBDOMAIN_HOST"]
        stack.callback(_end, room)
        room.start("service")
        room.start("hub")
        room.wait()
        yield room


def _plan(
    folder: Path, database_url: str, course_dir: Path, github: GitHub, changes: dict[str, str]
) -> Classroom:
    hub_token = secrets.token_hex(32)
    # As it is, and a token for the tests.
    (folder / "hub.py").write_text(
        f"load_subconfig({str(ROOT / 'jupyterhub_config.py')!r})\n"
        "get_config().JupyterHub.services.append("
        f"{{'name': 'tests', 'admin': True, 'api_token': {hub_token!r}}})\n"
        # The hub chooses the ports of people's servers long before they listen there.
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "import jupyterhub.spawner\nfrom tests import ports\n"
        "jupyterhub.spawner.random_port = ports.free_port\n"
        # Lets the page of a test call JupyterLab's commands.
        f"get_config().Spawner.args.append({EXPOSED!r})\n"
    )
    public, hub, proxy, service = (f"http://127.0.0.1:{free_port()}" for _ in range(4))
    token = secrets.token_hex(32)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "PYTHONMASTERY_", "GITHUB_"))
    }
    environment = inherited | {
        "PYTHONMASTERY_HUB": "development",
        "BIND_URL": public,
        "HUB_BIND_URL": hub,
        "PROXY_API_URL": proxy,
        "GITHUB_URL": github.url,
        "OAUTH_CALLBACK_URL": f"{public}/hub/oauth_callback",
        "PYTHONMASTERY_SERVICE_URL": service,
        "PYTHONMASTERY_SERVICE_TOKEN": token,
        # The sockets of kernels below it need short paths.
        "HOMES": str(folder / "h"),
        "CULL_AFTER_SECONDS": "0",
    }
    service_environment = inherited | {
        "PYTHONMASTERY_DATABASE_URL": database_url,
        "PYTHONMASTERY_COURSE_DIR": str(course_dir),
        "PYTHONMASTERY_DATA_DIR": str(folder / "data"),
        "PYTHONMASTERY_ENCRYPTION_KEYS_FILE": os.environ["PYTHONMASTERY_ENCRYPTION_KEYS_FILE"],
        "JUPYTERHUB_API_URL": f"{hub}/hub/api",
        "JUPYTERHUB_API_TOKEN": token,
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_SERVICE_NAME": "pythonmastery",
        "JUPYTERHUB_SERVICE_PREFIX": f"{PREFIX}/",
    }
    return Classroom(
        url=public,
        service=service + PREFIX,
        service_token=token,
        hub_token=hub_token,
        github=github,
        database_url=database_url,
        folder=folder,
        environment=environment | changes,
        service_environment=service_environment,
        pages=f"{public}{PREFIX}/",
    )


def _end(room: Classroom) -> None:
    for browser in room._browsers:
        browser.close()
    if "service" in room.processes:
        room.stop("service")
    if "hub" in room.processes:
        # Where each has an account of their own the hub ends the servers; else it waits for each.
        room.stop("hub") if room.own else room.kill("hub")
    # A hub that was killed leaves its proxy and its servers.
    end_below(room.folder)
