"""What the hub itself tells: who signs in, and who is no longer there."""

from datetime import timedelta

from jupyter_server.auth.decorator import authorized
from sqlalchemy.ext.asyncio import AsyncSession
from tornado import web

from pythonmastery_ext import errors
from pythonmastery_ext.hub import people
from pythonmastery_ext.hub.schema import LONGEST, PersonIn, PersonOut
from pythonmastery_ext.identity import HUB_RESOURCE, HubItself
from pythonmastery_ext.web import ApiHandler, Operation, Route

COMMON = (errors.InvalidFields, errors.NotAllowed, errors.Starting, errors.DatabaseAway)


class PersonHandler(ApiHandler):
    """With the service's own token, which the hub and the service know and nobody else."""

    auth_resource = HUB_RESOURCE

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        # Where there is no hub, its authorizer is not there either.
        if not isinstance(self.current_user, HubItself):
            raise errors.NotAllowed
        self.authority.check_ready()

    @web.authenticated
    @authorized
    async def put(self, name: str) -> None:
        _check(name)
        known = self.read(PersonIn)
        if known.role is None and self.authority.hub is not None:
            known = known.model_copy(update={"role": await self.authority.hub.hub.role_of(name)})

        async def work(db: AsyncSession) -> PersonOut:
            user = await people.introduce(db, self.authority.keyring, name, known)
            return PersonOut.model_validate({"username": user.username, "role": user.role})

        self.reply(await self.authority.db.retry(work))

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        _check(name)
        wait = timedelta(days=self.authority.settings.erasure_days)
        await self.authority.db.retry(lambda db: people.leave(db, name, wait))
        self.set_status(204)
        self.finish()


def _check(name: str) -> None:
    """InvalidFields for what the hub calls nobody, and the database cannot keep."""
    if "\0" in name or len(name) > LONGEST:
        message = f"has no NUL, and at most {LONGEST} characters"
        raise errors.InvalidFields(fields=[{"field": "name", "message": message}])


ROUTES = [
    Route(
        "hub/people/{name}",
        PersonHandler,
        (
            Operation(
                method="PUT",
                summary="The hub tells who signs in under this name; with the service's own token",
                request=PersonIn,
                response=PersonOut,
                records=("user.created", "user.renamed", "role.changed"),
                errors=(
                    *(errors.NotJson, errors.HubAway, errors.NameTaken),
                    *(errors.AccountLocked, errors.AccountSuspended, errors.SignUpsPaused),
                    *COMMON,
                ),
            ),
            Operation(
                method="DELETE",
                summary="The hub tells that nobody has this name any more; their erasure begins",
                status=(204,),
                records=("privacy.erasure.requested", "role.changed"),
                errors=COMMON,
            ),
        ),
    ),
]
