"""A front end without a screen: a real kernel, and its widgets' state as a browser keeps it."""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.kernel.forked import Nursery

Message = dict[str, Any]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def words(html: str) -> str:
    """What of `html` is read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


class FrontEnd:
    def __init__(self, cwd: Path, environment: Mapping[str, str], nursery: Nursery) -> None:
        with ExitStack() as started:
            # Not tcp: its ports are chosen before the kernel has them, and others take them.
            folder = Path(started.enter_context(TemporaryDirectory(prefix="kernel-")))
            self._manager = KernelManager(
                kernel_name="python3",
                transport="ipc",
                ip=str(folder / "socket"),
                connection_file=str(folder / "connection.json"),
            )
            self._manager.provisioner = nursery.provisioner(self._manager)
            started.callback(self._manager.cleanup_resources)
            started.callback(self._manager.shutdown_kernel, now=True)
            self._manager.start_kernel(cwd=str(cwd), env=dict(environment))
            self._client: BlockingKernelClient = self._manager.client()
            started.callback(self._client.stop_channels)
            self._client.start_channels()
            self._client.wait_for_ready(timeout=60)
            #: What ends it; a kernel that does not start leaves nothing for later tests either.
            self.close = started.pop_all().close
        #: Requests whose cell has come to its end.
        self._idle: set[str] = set()
        #: State of each widget by its model id.
        self.widgets: dict[str, Message] = {}
        #: Outputs since the last `run`, with what threads have sent later.
        self.outputs: list[Message] = []
        #: Every change of a widget, for what is only there for a moment.
        self.changes: list[Message] = []

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def run(self, code: str, seconds: float = 30) -> str:
        """Run a cell; the text that it shows, as a terminal would show it."""
        self.outputs = []
        number = self.start(code)
        self.until(lambda: self.ended(number), seconds)
        return self.text()

    def start(self, code: str) -> str:
        """Begin a cell without awaiting its end; the id of the request."""
        return str(self._client.execute(code))

    def ended(self, request: str) -> bool:
        return request in self._idle

    def text(self) -> str:
        return "\n".join(_text(output) for output in self.outputs)

    def html(self) -> str:
        return "\n".join(output.get("data", {}).get("text/html", "") for output in self.outputs)

    def until(self, true: Callable[[], Any], seconds: float = 30) -> None:
        """Take in what the kernel sends until something holds."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain; outputs: {self.text()}; said: {self.said()}")
            try:
                self._take(self._client.get_iopub_msg(timeout=0.2))
            except Empty:
                continue

    def find(self, description: str) -> str:
        found = [
            number
            for number, state in self.widgets.items()
            if state.get("description") == description
        ]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} widgets are named {description}")
        return found[0]

    def state(self, description: str) -> Message:
        return self.widgets[self.find(description)]

    def press(self, description: str) -> None:
        self._tell(self.find(description), {"method": "custom", "content": {"event": "click"}})

    def fill(self, description: str, **state: Any) -> None:
        """Change a widget as a person would, by its synchronised traits."""
        self.widgets[self.find(description)].update(state)
        data = {"method": "update", "state": state, "buffer_paths": []}
        self._tell(self.find(description), data)

    def do(self, description: str, seconds: float = 30) -> str:
        """Press, wait until it is done, and return what the panel says then."""
        before = len(self.changes)
        self.press(description)
        number = self.find(description)
        self.until(lambda: self._was_disabled(number, before), seconds)
        self.ready(seconds)
        return self.said()

    def ready(self, seconds: float = 30) -> None:
        self.until(lambda: self.widgets and not self.state("Check")["disabled"], seconds)

    def said(self) -> str:
        """The panel's status line."""
        live = [state["value"] for state in self.widgets.values() if _is_status(state)]
        return words(live[-1]) if live else ""

    def tab(self, title: str) -> str:
        """The HTML of a tab's page."""
        tab = next(state for state in self.widgets.values() if state["_model_name"] == "TabModel")
        box = self._child(tab, list(tab["titles"]).index(title))
        return str(self._child(box, 0)["value"])

    def _child(self, state: Message, index: int) -> Message:
        return self.widgets[state["children"][index].removeprefix("IPY_MODEL_")]

    def _was_disabled(self, number: str, since: int) -> bool:
        return any(
            change["comm_id"] == number and change["state"].get("disabled")
            for change in self.changes[since:]
        )

    def _tell(self, comm_id: str, data: Message) -> None:
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

    def _take(self, message: Message) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            self._idle.add(message["parent_header"]["msg_id"])
        elif kind == "comm_open":
            self.widgets[content["comm_id"]] = dict(content["data"]["state"])
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            state = content["data"]["state"]
            self.widgets[content["comm_id"]].update(state)
            self.changes.append({"comm_id": content["comm_id"], "state": state})
        elif kind == "update_display_data":
            number = content["transient"]["display_id"]
            for output in self.outputs:
                if output.get("transient", {}).get("display_id") == number:
                    output["data"] = content["data"]
        elif kind in {"display_data", "execute_result", "stream", "error"}:
            self.outputs.append(content)


def _text(output: Message) -> str:
    if "traceback" in output:
        return "\n".join(output["traceback"])
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def _is_status(state: Message) -> bool:
    return 'role="status"' in str(state.get("value", ""))
