"""Questions to the hub's API, with the service's own token."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from pythonmastery_ext.errors import HubAway
from pythonmastery_ext.schema import ROLES, Role

#: Group of the hub → what its members are here; the rights themselves are scopes of these groups.
GROUPS: Mapping[str, Role] = {"instructors": "instructor", "admins": "admin"}
PAGED = "application/jupyterhub-pagination+json"
PAGE = 200
#: Seconds; the hub itself waits 10 for a server to stop.
STOPPING = 20.0


class HubClient:
    """Every method raises HubAway unless the hub's answer is whole."""

    def __init__(self, api_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=api_url.rstrip("/") + "/",
            headers={"Authorization": f"token {token}"},
            timeout=10,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def role_of(self, name: str) -> Role:
        """A student too is whoever the hub does not know."""
        found = await self._get(f"users/{quote(name, safe='')}")
        groups = found.get("groups", []) if found is not None else []
        return max((GROUPS[each] for each in groups if each in GROUPS), key=_rank, default=ROLES[0])

    async def knows(self, name: str) -> bool:
        return await self._get(f"users/{quote(name, safe='')}") is not None

    async def roles(self) -> dict[str, Role]:
        """Everybody who is more than a student."""
        found: dict[str, Role] = {}
        for group, role in sorted(GROUPS.items(), key=lambda item: _rank(item[1])):
            members = await self._get(f"groups/{group}")
            found |= dict.fromkeys(members["users"] if members else (), role)
        return found

    async def stop_server(self, name: str) -> None:
        """Whether it runs or not; whoever is not at the hub has none."""
        try:
            path = f"users/{quote(name, safe='')}/server"
            answer = await self._http.delete(path, timeout=STOPPING)
            if answer.status_code != httpx.codes.NOT_FOUND:
                answer.raise_for_status()
        except httpx.HTTPError as error:
            raise HubAway(retry_after=5) from error

    async def names(self) -> set[str]:
        found: set[str] = set()
        total, offset = 1, 0
        while offset < total:
            page = await self._get(f"users?limit={PAGE}&offset={offset}", Accept=PAGED)
            if page is None or not page["items"]:
                raise HubAway("The hub's list of people ends too early.")
            found |= {item["name"] for item in page["items"]}
            total = page["_pagination"]["total"]
            offset += len(page["items"])
        if len(found) != total:
            raise HubAway("The hub's list of people changed while it was read.")
        return found

    async def _get(self, path: str, **headers: str) -> Any:
        """None if the hub says that there is no such thing; a proxy's 404 is not JSON."""
        try:
            answer = await self._http.get(path, headers=headers)
            told = answer.json()
            if answer.status_code == httpx.codes.NOT_FOUND and told.get("status") == 404:
                return None
            answer.raise_for_status()
        except (httpx.HTTPError, ValueError) as error:
            raise HubAway(retry_after=5) from error
        return told


def _rank(role: Role) -> int:
    return ROLES.index(role)
