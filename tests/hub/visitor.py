"""A person in front of Chromium."""

import re
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.hub.classroom import Classroom
from tests.ui.desk import is_jupyters_own


class Visitor:
    def __init__(self, browser: Browser, room: Classroom, login: str) -> None:
        self.room = room
        self.login = login
        self.context = browser.new_context(viewport={"width": 1400, "height": 900})
        #: What the browser's console complained about; a test may take out what it caused.
        self.complaints: list[str] = []
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not is_jupyters_own(message):
            where = message.location.get("url", "")
            self.complaints.append(f"{self.login}: {message.text} ({where})")

    def sign_in(self) -> None:
        """As people do: the hub's button, GitHub, and back."""
        self.page.goto(f"{self.room.url}/hub/login?next=%2Fhub%2Fhome")
        self.page.get_by_role("button", name=re.compile("Sign in with GitHub")).click()
        self.page.get_by_role("button", name=self.login, exact=True).click()
        expect(self.page).to_have_url(f"{self.room.url}/hub/home")

    def go_home(self) -> None:
        self.page.goto(f"{self.room.url}/hub/home")

    def open_pages(self, path: str = "/") -> None:
        """A page of the service."""
        self.page.goto(self.room.pages.rstrip("/") + path)

    def open_lab(self) -> None:
        """JupyterLab in this person's own server."""
        self.room.start_server(self.login)
        self.page.goto(f"{self.room.url}/user/{self.login}/lab")

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def close(self) -> None:
        self.context.close()
