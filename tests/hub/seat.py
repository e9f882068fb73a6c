"""A learner's desk under the hub: the window of a visitor, with the moves made in JupyterLab."""

from playwright.sync_api import ConsoleMessage, Response

from tests.hub.visitor import Visitor
from tests.ui.desk import Desk


class Seat(Desk):
    """Not Desk's own start: the window, its cookies and its complaints are the visitor's."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.context, self.page = visitor.context, visitor.page
        self.answers: list[Response] = []
        self.page.on("response", self._note)

    @property
    def complaints(self) -> list[str]:
        return self.visitor.complaints

    @complaints.setter
    def complaints(self, left: list[str]) -> None:
        self.visitor.complaints = left

    def _hear(self, message: ConsoleMessage) -> None:
        """The visitor hears it."""

    def open_lab(self) -> None:
        self.visitor.open_lab()
        self._wait_course()

    def reload(self) -> None:
        self.page.goto(f"{self.visitor.room.url}/user/{self.visitor.login}/lab")
        self._wait_course()
