"""The panel's widgets and where they are; no behaviour."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

TASK, RESULTS, HINTS, TUTOR = range(4)


class Layout:
    def __init__(self) -> None:
        self._commands()
        self._pages()
        self._tutor()
        self._arrange()

    def _commands(self) -> None:
        self.problem = widgets.Dropdown(description="Problem", tooltip="The problem to work on")
        self.check = _button("Check", "Run the sample tests on your code")
        self.submit = _button("Submit", "Run all tests on your code and keep the result")
        self.make = _button("Make my notebook", "Save this problem's notebook beside this one")
        self.again = _button("Look again", "Show the newest result")
        self.hint = _button("Open the next hint", "Open the next hint, if it may be opened yet")
        for wide in (self.make, self.hint):
            wide.layout.width = "auto"

    def _pages(self) -> None:
        self.status, self.sending = widgets.HTML(), widgets.HTML()
        self.task, self.results = widgets.HTML(), widgets.HTML()
        self.hints, self.talk = widgets.HTML(), widgets.HTML()

    def _tutor(self) -> None:
        self.kind = widgets.Dropdown(
            description="About",
            tooltip="What kind of help you want",
            options=[
                ("a question", "question"),
                ("a hint", "hint_request"),
                ("my last result", "explanation"),
                ("my code as it is", "code_review"),
            ],
        )
        self.question = widgets.Textarea(
            description="Question",
            tooltip="Your question to the tutor",
            placeholder="What do you want to know?",
        )
        self.ask = _button("Ask", "Send the question and your code to the tutor")
        self.stop = _button("Stop", "Stop the tutor's answer")
        self.stop.disabled = True
        self.stars = widgets.Dropdown(
            description="Rating",
            tooltip="How helpful the tutor's last answer was",
            options=[(f"{number} of 5", number) for number in range(1, 6)],
            value=3,
        )
        self.rate = _button("Rate", "Rate the tutor's last answer")

    def _arrange(self) -> None:
        row, column = widgets.HBox, widgets.VBox
        self.tabs = widgets.Tab(
            children=[
                column([self.task, self.make]),
                column([self.results, self.again]),
                column([self.hints, self.hint]),
                column(
                    [
                        self.talk,
                        self.kind,
                        self.question,
                        row([self.ask, self.stop]),
                        row([self.stars, self.rate]),
                    ]
                ),
            ],
            titles=("Task", "Results", "Hints", "Tutor"),
        )
        self.code = widgets.Accordion(children=[self.sending], titles=("Code that will be sent",))
        buttons = row([self.problem, self.check, self.submit])
        self.box = column([buttons, self.status, self.code, self.tabs])


def _button(description: str, tooltip: str) -> Any:
    return widgets.Button(description=description, tooltip=tooltip)
