"""What a second person needs to try every operation of the OpenAPI document on a first one's rows.

A new route fails the tests until its parameters and its body are in the tables below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from pythonmastery_ext.api import ROUTES
from pythonmastery_ext.openapi import document
from tests.api.client import Api, until
from tests.api.course import RIGHT
from tests.fences import walls

#: Only the owner's rows hold this word, so an answer to somebody else must not.
CANARY = "canary-of-the-first-person"
CODE = f"# {CANARY}\n{RIGHT}"
#: Parameter, or "address parameter" where the name alone does not say whose it is, → a value. The
#: names in braces are attributes of Owned.
VALUES = {
    "slug": "double",
    "teach/sections/{slug}/matrix slug": "numbers",
    "order": "1",
    "attempts/{id} id": "{attempt}",
    "me/sessions/{id} id": "{session}",
    "message": "{message}",
    "secret": "{secret}",
    "user": "{user}",
    "name": "{username}",
    "action": "write",
    "before": "{attempt}",
    "tutor/messages before": "{message}",
    "limit": "50",
    "problem": "double",
    "last_event_id": "0",
}
#: Those that name a row of the first person: to anybody else there is no such thing.
OWNED = {"attempts/{id} id", "me/sessions/{id} id", "message", "secret"}
#: Parameters of pages for instructors and admins only; students are refused before they count.
UNREAD = {"sort", "kind", "value", "call", "after", "error", "days", "refused"}
BODIES: dict[str, dict[str, Any]] = {
    "AttemptIn": {"key": "{key}", "kind": "submit", "code": RIGHT},
    "ConsentIn": {"agreed": True, "version": "{version}"},
    "ErasureIn": {"confirm": "{username}"},
    "PersonIn": {"github_id": 1, "login": "{username}", "role": "admin"},
    "ProfileIn": {"bio": "I am somebody else."},
    "RatingIn": {"rating": 1},
    "SessionIn": {"label": "mine"},
    "TutorMessageIn": {"problem": "double", "message": "Why?"},
}
#: Where a learner's call is not simply done: of their own there is nothing, or it is another's.
EXPECTED = {
    "POST problems/{slug}/hints/{order}": 403,
    "POST me/erasure": 422,
    "DELETE me/erasure": 409,
    "GET problems/{slug}/stats": 403,
}
#: Columns that the service itself fills a moment later: of the audit log, and by the minute.
LATER = ["seq", "hash", "calibrated"]
#: Beginnings of the addresses that no learner may use → status.
CLOSED = {"teach/": 403, "admin/": 403, "hub/": 403, "metrics": 401}


@dataclass(frozen=True)
class Owned:
    """The first person's things, as addresses name them."""

    user: int
    username: str
    key: str
    attempt: str
    message: str
    session: int
    secret: str
    version: str


@dataclass(frozen=True)
class Call:
    """One operation, filled with the first person's things."""

    name: str
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any] | None
    #: Of success.
    statuses: tuple[int, ...]
    streams: bool
    #: Whether the address names a row of the first person.
    owned: bool

    @property
    def closed(self) -> int | None:
        address = self.name.partition(" ")[2]
        return next((status for head, status in CLOSED.items() if address.startswith(head)), None)


def unfilled(paths: dict[str, Any]) -> list[str]:
    """What the tables above do not know, a sentence each."""
    found = []
    for path, method, operation in operations(paths):
        known = {key for name in parameters(path, operation) if (key := key_of(path, name))}
        found += [
            f"{method} {path}: say in VALUES of tests/api/matrix.py what {name!r} is, and in OWNED "
            "whether it names somebody's row."
            for name in parameters(path, operation)
            if not known & {name, f"{path} {name}"} and name not in UNREAD
        ]
        model = model_of(operation)
        if model and model not in BODIES:
            found.append(f"{method} {path}: put a body for {model} into BODIES of the same file.")
    return found


def paths() -> dict[str, Any]:
    found: dict[str, Any] = document(ROUTES, "0")["paths"]
    return found


def operations(paths: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in paths.items():
        for method, operation in item.items():
            if method != "parameters":
                yield path.removeprefix("/"), method.upper(), operation


def parameters(path: str, operation: dict[str, Any]) -> list[str]:
    queried = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    return re.findall(r"\{(\w+)\}", path) + queried


def key_of(path: str, name: str) -> str | None:
    return next((key for key in (f"{path} {name}", name) if key in VALUES), None)


def model_of(operation: dict[str, Any]) -> str | None:
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return str(schema["$ref"].rpartition("/")[2])


def calls(owned: Owned) -> list[Call]:
    """Every operation, and those with a query without it too."""
    found = [filled(owned, *each) for each in operations(paths())]
    return found + [replace(call, query={}) for call in found if call.query and not call.streams]


def filled(owned: Owned, path: str, method: str, operation: dict[str, Any]) -> Call:
    keys = {name: key for name in parameters(path, operation) if (key := key_of(path, name))}
    values = {name: VALUES[key].format_map(vars(owned)) for name, key in keys.items()}
    model = model_of(operation)
    statuses = [int(status) for status in operation["responses"] if status.startswith("2")]
    contents = [operation["responses"][str(status)].get("content", {}) for status in statuses]
    return Call(
        name=f"{method} {path}",
        method=method,
        path=path.format_map(values),
        query={name: text for name, text in values.items() if f"{{{name}}}" not in path},
        body=body(model, owned) if model else {} if method == "POST" else None,
        statuses=tuple(statuses),
        streams=any("text/event-stream" in content for content in contents),
        owned=bool(OWNED & set(keys.values())),
    )


def body(model: str, owned: Owned) -> dict[str, Any]:
    return {
        name: value.format_map(vars(owned))
        if isinstance(value, str) and value[:1] == "{"
        else value
        for name, value in BODIES[model].items()
    }


async def settle(api: Api, user: int, username: str) -> Owned:
    """A person who has used everything once, and left the canary in each of it."""
    key = str(uuid4())
    _, attempt = await api.send("double", CODE, key=key)
    await api.graded(attempt["id"])
    await api("PATCH", "me/profile", json={"bio": CANARY, "learning_goals": CANARY})
    await api.http.post("tutor/messages", json={"problem": "double", "message": CANARY})
    _, page = await api("GET", "tutor/messages?problem=double")
    _, made = await api("POST", "me/sessions", json={"label": CANARY})
    _, export = await api("POST", "me/export", json={})

    async def ready() -> bool:
        return bool((await api("GET", "me/export"))[1]["export"]["state"] == "ready")

    await until(ready)
    await api("POST", "me/erasure", json={"confirm": username})
    return Owned(
        user=user,
        username=username,
        key=key,
        attempt=attempt["id"],
        message=page["messages"][0]["id"],
        session=made["session"]["id"],
        secret=export["link"].rpartition("/")[2],
        version=(await api("GET", "tutor/consent"))[1]["version"],
    )


def rows_of(connection: psycopg.Connection[Any], person: int) -> dict[str, list[str]]:
    """Every row of this person, table by table, as JSON."""
    found = {}
    for table, columns in walls.tables(connection).items():
        owner = walls.owner_of(table, columns)
        if owner is not None:
            query = sql.SQL(
                "select (to_jsonb(t) - %s::text[])::text from {} t where {} = %s order by 1"
            ).format(sql.Identifier(table), sql.Identifier(owner))
            found[table] = [row for (row,) in connection.execute(query, [LATER, person])]
    return found
