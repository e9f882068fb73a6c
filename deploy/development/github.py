"""A GitHub on loopback, for a class on one's own machine and for the tests.

    python -m deploy.development.github --port 8010

It speaks what a sign-in uses of the real one: OAuth with PKCE and `state`, people, addresses,
organisations, teams. Nobody has a password: whoever is asked chooses who they are.
"""

import argparse
import base64
import hashlib
import html
import json
import os
import re
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "pythonmastery-development"
CLIENT_SECRET = "known-to-everybody"  # noqa: S105 - of a GitHub that is none
ORGANIZATION = "example-school"
API = "/api/v3"
PEOPLE = ("student", "instructor", "admin")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<style>body {{ font: 16px/1.5 sans-serif; margin: 15vh auto; max-width: 26em }}
button {{ font: inherit; margin: 0.2em 0; padding: 0.4em 1em; width: 100% }}</style>
<h1>A GitHub for trying things out</h1><p>In a real class this is github.com. Who are you?</p>
<form method="post">{buttons}</form></html>"""
BUTTON = '<button name="login" value="{login}">{login}</button>'
FACE = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="99" fill="#{color:03}"/></svg>'


@dataclass
class Account:
    """A person; the number stays when the login changes."""

    id: int
    login: str
    name: str | None = None
    #: Address → whether it is verified; the first is the primary one.
    emails: dict[str, bool] = field(default_factory=dict)
    organizations: set[str] = field(default_factory=lambda: {ORGANIZATION})
    #: As organisation:team.
    teams: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Grant:
    """What a code is exchanged for."""

    account: int
    scope: str
    redirect_uri: str
    challenge: str


class GitHub(ThreadingHTTPServer):
    daemon_threads = True
    #: A class that comes in at once waits instead of being refused.
    request_queue_size = 256

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.accounts: dict[int, Account] = {}
        self.codes: dict[str, Grant] = {}
        #: Access token → account and scopes.
        self.tokens: dict[str, tuple[int, frozenset[str]]] = {}
        #: While true, every address answers as GitHub does when it is down.
        self.away = False
        #: Whoever must go on, or this ends: a hub that was killed ends nothing.
        self.parent: int | None = None

    def service_actions(self) -> None:
        if self.parent is not None and os.getppid() != self.parent:
            sys.exit(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, login: str, **known: Any) -> Account:
        number = 1000 + len(self.accounts)
        usual = {"emails": {f"{login}@example.org": True}}
        self.accounts[number] = Account(number, login, **(usual | known))
        return self.accounts[number]

    def named(self, login: str) -> Account | None:
        """As GitHub does, whatever the case of the letters."""
        found = (one for one in self.accounts.values() if one.login.lower() == login.lower())
        return next(found, None)


class Handler(BaseHTTPRequestHandler):
    server: GitHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.server.away:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"No server is available.", "text/plain")
        elif path == "/login/oauth/authorize":
            self._ask_who()
        elif match := re.fullmatch(r"/u/(\d+)", path):
            face = FACE.format(color=int(match[1]) * 47 % 1000)
            self._send(HTTPStatus.OK, face.encode(), "image/svg+xml")
        elif path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT)
        elif path.startswith(API):
            self._api(path.removeprefix(API))
        else:
            self._nothing()

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        told = {name: values[0] for name, values in parse_qs(form).items()}
        path = urlsplit(self.path).path
        if self.server.away:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"No server is available.", "text/plain")
        elif path == "/login/oauth/authorize":
            self._choose(told.get("login", ""))
        elif path == "/login/oauth/access_token":
            self._json(self._exchange(told))
        else:
            self._nothing()

    def _query(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.path).query)
        return {name: values[0] for name, values in found.items()}

    def _ask_who(self) -> None:
        query = self._query()
        wrong = query.get("client_id") != CLIENT_ID or query.get("response_type") != "code"
        if wrong or query.get("code_challenge_method") != "S256" or not query.get("state"):
            self._nothing()
            return
        people = self.server.accounts.values()
        buttons = "".join(BUTTON.format(login=html.escape(one.login)) for one in people)
        self._send(HTTPStatus.OK, PAGE.format(buttons=buttons).encode(), "text/html")

    def _choose(self, login: str) -> None:
        query = self._query()
        told = {"state": query["state"], "error": "access_denied"}
        account = self.server.named(login)
        if account is not None:
            code = secrets.token_hex(10)
            asked = query.get("scope", ""), query["redirect_uri"], query["code_challenge"]
            self.server.codes[code] = Grant(account.id, *asked)
            told = {"state": query["state"], "code": code}
        self._send(HTTPStatus.FOUND, location=f"{query['redirect_uri']}?{urlencode(told)}")

    def _exchange(self, told: dict[str, str]) -> dict[str, str]:
        """Errors come with status 200, as from GitHub."""
        if (told.get("client_id"), told.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"error": "incorrect_client_credentials"}
        grant = self.server.codes.pop(told.get("code", ""), None)
        if grant is None or told.get("redirect_uri") != grant.redirect_uri:
            return {"error": "bad_verification_code"}
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.challenge:
            return {"error": "bad_verification_code"}
        token = "gho_" + secrets.token_hex(18)
        scopes = frozenset(re.split(r"[ ,]+", grant.scope))
        self.server.tokens[token] = grant.account, scopes
        return {"access_token": token, "token_type": "bearer", "scope": ",".join(sorted(scopes))}

    def _api(self, path: str) -> None:
        token = self.headers.get("Authorization", "").partition(" ")[2]
        number, scopes = self.server.tokens.get(token, (0, frozenset()))
        account = self.server.accounts.get(number)
        if account is None:
            self._json({"message": "Bad credentials"}, HTTPStatus.UNAUTHORIZED)
        elif path == "/user":
            self._json(self._person(account))
        elif path == "/user/emails" and "user:email" in scopes:
            self._json(_emails(account))
        elif path == "/user/teams" and "read:org" in scopes:
            pairs = (name.split(":") for name in sorted(account.teams))
            self._json([{"slug": team, "organization": {"login": org}} for org, team in pairs])
        elif match := re.fullmatch(r"/orgs/([^/]+)(?:/teams/([^/]+))?/members/([^/]+)", path):
            self._membership(*match.groups())
        else:
            self._nothing()

    def _person(self, account: Account) -> dict[str, object]:
        return {
            "id": account.id,
            "login": account.login,
            "name": account.name,
            "avatar_url": f"{self.server.url}/u/{account.id}",
            # Only an address that its owner shows to everybody stands here.
            "email": None,
        }

    def _membership(self, organization: str, team: str | None, login: str) -> None:
        account = self.server.named(login)
        member = account is not None and (
            f"{organization}:{team}" in account.teams
            if team
            else organization in account.organizations
        )
        if member:
            self._send(HTTPStatus.NO_CONTENT)
        else:
            self._nothing()

    def _nothing(self) -> None:
        self._json({"message": "Not Found"}, HTTPStatus.NOT_FOUND)

    def _json(self, told: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes = b"", kind: str = "", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, **headers}.items():
            if value:
                self.send_header(name, value)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def _emails(account: Account) -> list[dict[str, object]]:
    return [
        {"email": address, "verified": verified, "primary": number == 0}
        for number, (address, verified) in enumerate(account.emails.items())
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8010)
    github = GitHub(parser.parse_args().port)
    github.parent = os.getppid()
    for login in PEOPLE:
        github.add(login)
    # As the hub ends it.
    with suppress(KeyboardInterrupt):
        github.serve_forever()


if __name__ == "__main__":
    main()
