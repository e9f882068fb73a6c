"""The pages as the authority serves them below /services/pythonmastery/, and people before them."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from pythonmastery_ext.db.engine import psycopg_dsn
from tests.api import servers
from tests.api.client import TLS
from tests.counterparts.hub import ADMIN, SIGNED_IN, SUBMIT, TEACH, Hub
from tests.ports import free_port

PREFIX = "/services/pythonmastery/"
SCOPES = {
    "student": (SUBMIT,),
    "instructor": (SUBMIT, TEACH),
    "admin": (SUBMIT, TEACH, ADMIN),
}


class Browser:
    """Somebody's browser; it follows redirects, and sends forms as they stand on the page."""

    def __init__(self, root: str, name: str) -> None:
        self.http = httpx.Client(
            base_url=root, timeout=40, trust_env=False, verify=TLS, cookies={SIGNED_IN: name}
        )

    def get(self, path: str = "", *, follow: bool = True, **options: Any) -> httpx.Response:
        return self.http.get(PREFIX + path, follow_redirects=follow, **options)

    @property
    def xsrf(self) -> str:
        """As it stands in the forms of the pages."""
        return self.http.cookies.get("_xsrf", path=PREFIX) or ""

    def post(
        self, path: str, *, follow: bool = True, guarded: bool = True, **fields: Any
    ) -> httpx.Response:
        given = {"_xsrf": self.xsrf, **fields} if guarded else fields
        return self.http.post(PREFIX + path, data=given, follow_redirects=follow)


@dataclass
class Office:
    root: str
    hub: Hub
    database_url: str
    log: Path
    environment: dict[str, str]
    browsers: list[Browser] = field(default_factory=list)
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=40, trust_env=False, verify=TLS)
    )

    def browser(self, name: str, role: str = "student") -> Browser:
        """Of a person who is signed in at the hub, with what their role may do there."""
        self.hub.people[name] = SCOPES[role]
        made = Browser(self.root, name)
        self.browsers.append(made)
        return made

    def address(self, path: str) -> str:
        return f"{self.root}{PREFIX}pythonmastery/api/v1/{path}"

    def headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"token {token}"}

    def api(self, token: str, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The API, as a relay calls it."""
        answer = self.http.request(verb, self.address(path), json=body, headers=self.headers(token))
        return answer.status_code, answer.json()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(psycopg_dsn(self.database_url), autocommit=True) as connection:
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []

    def person(self, name: str) -> int:
        """The number of this person, who has come before."""
        (row,) = self.sql("select id from app_user where username = %s", name)
        return int(row[0])

    def recorded(self, kind: str) -> list[tuple[Any, ...]]:
        """Actor, learner, target and data of the newest events of this kind."""
        return self.sql(
            "select actor_id, learner_id, target, data from audit_event where kind = %s"
            " order by id desc",
            kind,
        )

    def close(self) -> None:
        self.http.close()
        for browser in self.browsers:
            browser.http.close()


@contextmanager
def office(folder: Path, url: str, course: Path, hub: Hub) -> Iterator[Office]:
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "pythonmastery_ext.cli", "serve", f"--port={port}"]
    log = folder / "authority.log"
    environment = {
        "PYTHONMASTERY_DATABASE_URL": url,
        "PYTHONMASTERY_COURSE_DIR": str(course),
        "PYTHONMASTERY_ROLE": "authority",
        "JUPYTERHUB_API_URL": hub.api_url,
        "JUPYTERHUB_API_TOKEN": hub.service_token,
        "JUPYTERHUB_HOST": hub.api_url.removesuffix("/hub/api"),
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{root}{PREFIX}oauth_callback",
    }
    with servers.process([*words, f"--base-url={PREFIX}"], log, environment):
        servers.wait_ready(servers.answering(root + PREFIX, log), hub.token("nobody"), log)
        made = Office(root, hub, url, log, environment)
        yield made
        made.close()


def text(page: httpx.Response) -> str:
    """What a person reads in the main part of the page."""
    found = re.search(r"<main.*</main>", page.text, re.DOTALL)
    assert found is not None, page.text
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())
