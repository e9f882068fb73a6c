"""What every page shares: who looks, may they, the look of the hub, forms, and refusals as pages.

    class LimitsPage(PageHandler):
        at_least = "admin"

        async def get(self) -> None:
            wanted = self.listing(("person", "refused"), filters=("q",))
            async with self.authority.db.transaction() as db:
                page = await listing.page(db, wanted.ask, wanted["q"])
            self.page("limits.html", table=wanted.table("Limits", COLUMNS, page))

        async def post(self) -> None:
            form = self.form(ResetForm)
            async with self.authority.db.transaction() as db:
                await service.reset(db, self.person.id, form.user, form.action)
            self.done("The limit is full again.")

A write asks the hub anew (`prepare`), checks XSRF as JupyterHub does, and ends with `done`: a
redirect, so that loading the page again writes nothing again. `form` raises InvalidFields; with
`act` in place of `post` a form is shown again with its errors, see FormPage.
"""

import json
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ValidationError

from pythonmastery_ext import errors
from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.db.paging import Ask
from pythonmastery_ext.identity import HubUser, Learner
from pythonmastery_ext.panel.listing import Listing
from pythonmastery_ext.panel.looks import Looks
from pythonmastery_ext.schema import ROLES, Role

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

READING = ("GET", "HEAD")
#: Name of the cookie with what the page before has to tell.
FLASH = "pythonmastery-flash"
LONGEST_SEARCH = 200
#: Of an address: where in a list its page begins.
PLACES = ("after", "before")
GONE = "This place in the list is not there any more, so it begins at the first page."


class PageHandler(Looks):
    """A page for people of this role or more."""

    at_least: Role = "admin"
    #: Who looks; with the role that the hub gives right now.
    person: Learner

    async def prepare(self) -> None:
        """Redirects to the hub, or NotAllowed, HubAway, DatabaseAway, Starting."""
        if not await self.sign_in():
            return
        if ROLES.index(self.role) < ROLES.index(self.at_least):
            await self.record_refusal()
            raise errors.NotAllowed(
                "This page is for people who run the course."
                if self.role == "student"
                else "This page is for admins."
            )

    async def sign_in(self) -> bool:
        """False: the browser has been sent to the hub."""
        # Also for reading, unless a person follows a link: a page of somebody else's notebook
        # under the same address must not fetch ours.
        self.check_xsrf_cookie()
        fresh = self.request.method not in READING
        signed_in = await self.hub_auth.who(self, fresh=fresh)
        if signed_in is None:
            if fresh:
                raise errors.NotSignedIn
            self.redirect(self.get_login_url())
            return False
        self.signed_in = signed_in
        user = HubUser(username=signed_in.username, scopes=signed_in.scopes)
        learner = await self.authority.learner(user)
        self.person = replace(learner, role=signed_in.role)
        return True

    async def record_refusal(self) -> None:
        """Once an hour for each person: the log only grows, and anybody may come to the door."""
        if self.hub_auth.first_refusal(self.person.username):
            async with self.authority.db.transaction() as db:
                await audit.record(
                    db,
                    "panel.refused",
                    actor=self.person.id,
                    learner=self.person.id,
                    target=None,
                    data={"needed": self.at_least},
                    streamed=False,
                )

    def page(self, template: str, status: int = 200, **values: Any) -> None:
        self.set_status(status)
        self.finish(self.rendered(template, flash=self._flash(), **values))

    def listing(
        self, sorts: Sequence[str], *, usual: str = "", filters: Sequence[str] = ()
    ) -> Listing:
        """`?sort=-name&after=…` and the filters; what the list cannot be sorted by is ignored."""
        asked = self.get_query_argument("sort", "")
        sortable = asked.removeprefix("-") in sorts
        known = asked if sortable else usual or sorts[0]
        return Listing(
            self.request.path,
            Ask(
                sort=known.removeprefix("-"),
                descending=known.startswith("-"),
                # A place in another order is none in this one.
                after=self.get_query_argument("after", "") if sortable or not asked else "",
            ),
            {name: self.words(name) for name in filters},
        )

    def words(self, name: str) -> str:
        """A query parameter as text that the database can take."""
        return self.get_query_argument(name, "").replace("\0", "")[:LONGEST_SEARCH]

    def form(self, model: type[M]) -> M:
        """The fields of the form that was sent; InvalidFields."""
        given: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            values = [value.replace("\0", "") for value in self.get_body_arguments(name)]
            if "list" in str(field.annotation):
                given[name] = values
            elif values:
                given[name] = values[-1]
        return self.parsed(model, given)

    def parsed(self, model: type[M], given: dict[str, Any]) -> M:
        """The same of other fields."""
        try:
            return model.model_validate(given)
        except ValidationError as error:
            raise errors.InvalidFields(fields=[_told(each) for each in error.errors()]) from error

    def done(self, message: str, to: str = "", *, kind: str = "success") -> None:
        """Redirects to a page of ours, which tells the message; by default the one it came from."""
        self._keep(kind, message)
        back = self.get_body_argument("back", "")
        target = self.base_url + to if to or not back else self.hub_auth.own_page(back)
        self.redirect(target, status=303)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Of an address that somebody kept, the place in a list may be gone: its first page."""
        raised = kwargs.get("exc_info")
        if not (self.request.method in READING and raised and of_place(raised[1])):
            super().write_error(status_code, **kwargs)
            return
        rest = parse_qsl(self.request.query, errors="replace")
        query = urlencode([(name, word) for name, word in rest if name not in PLACES])
        self._keep("warning", GONE)
        self.redirect(f"{self.request.path}?{query}" if query else self.request.path)

    def _keep(self, kind: str, message: str) -> None:
        """For the next page to tell."""
        said = json.dumps([kind, message])
        self.set_signed_cookie(FLASH, said, expires_days=None, max_age=60, **self.cookie_rules)

    def _flash(self) -> tuple[str, str] | None:
        said = self.get_signed_cookie(FLASH, max_age_days=1)
        if said is None:
            return None
        self.clear_cookie(FLASH, path=self.base_url)
        kind, message = json.loads(said)
        return str(kind), str(message)


class FormPage(PageHandler):
    """A page with a form: `view` shows it, `act` carries it out and ends with `done`.

    What `act` refuses is told on the page itself, beside the fields and with what was typed.
    """

    #: Name of a field → what is wrong with it.
    problems: dict[str, str]
    #: What is wrong, if it is no single field.
    refused: str | None

    def initialize(self) -> None:
        super().initialize()
        self.problems, self.refused = {}, None

    async def view(self, *words: Any, **_: Any) -> None:
        raise NotImplementedError

    async def act(self, *words: Any, **_: Any) -> None:
        raise errors.MethodNotAllowed

    async def listed(self, found: Awaitable[T]) -> T | None:
        """None if a filter is wrong: it is told beside its field, and nothing is listed then."""
        try:
            return await found
        except errors.InvalidFields as error:
            if of_place(error):
                raise
            self.problems = {each["field"]: each["message"] for each in error.fields or ()}
            return None

    async def get(self, *words: str) -> None:
        await self.view(*words)

    async def post(self, *words: str) -> None:
        try:
            await self.act(*words)
        except errors.Unavailable:
            raise
        except errors.Refusal as refusal:
            self.problems = {each["field"]: each["message"] for each in refusal.fields or ()}
            self.refused = None if self.problems else refusal.message
            self.set_status(refusal.status)
            await self.view(*words)

    def page(self, template: str, status: int = 200, **values: Any) -> None:
        typed = {name: self.get_body_arguments(name)[-1] for name in self.request.body_arguments}
        told = {"problems": self.problems, "refused": self.refused, "typed": typed}
        wrong = errors.InvalidFields.status if self.problems else status
        super().page(template, self.get_status() if typed else wrong, **told, **values)


class UnknownPage(PageHandler):
    """For who is signed in; others are asked to sign in, and learn nothing of what there is."""

    at_least = "student"

    async def get(self) -> None:
        raise errors.NotFound

    post = get


def of_place(error: BaseException | None) -> bool:
    """Whether it is where in a list to begin that is wrong."""
    fields = error.fields if isinstance(error, errors.InvalidFields) else None
    return any(each["field"] in PLACES for each in fields or ())


def _told(error: Any) -> dict[str, str]:
    """Pydantic's words without its prefix; of an own check the sentence alone."""
    message = str(error["msg"]).removeprefix("Value error, ")
    return {"field": ".".join(map(str, error["loc"])), "message": message}
