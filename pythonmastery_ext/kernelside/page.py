"""What is shown, once as safe HTML and once as plain text.

A front end trusts the output of a cell that its user ran: HTML and Markdown in it are not
sanitised, a script in them would run. So nothing of the server, the tutor or the learner's code is
handed over as Markdown: it is turned into HTML here, with every tag of the source escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any, cast

import mistune
from IPython.display import display

# A widget's own line height is that of a button.
_STYLE = "line-height: var(--jp-content-line-height, 1.5)"
_CODE = "padding: 0.5em; background: var(--jp-layout-color2, transparent); overflow-x: auto"
#: Control characters could move a terminal's cursor or recolour what was shown before.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _SafeRenderer(mistune.HTMLRenderer):
    """Escapes raw HTML, drops dangerous addresses; a picture becomes a link.

    The tutor could be talked into a picture whose address carries text to somebody else's server,
    and a picture is fetched without being asked for.
    """

    def __init__(self) -> None:
        super().__init__(escape=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return self.link(text or escape(url), url, title)


_markdown = mistune.create_markdown(renderer=_SafeRenderer(), plugins=["table", "strikethrough"])


def clean(text: str) -> str:
    """`text` without characters that act instead of being shown."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def markdown_html(source: str) -> str:
    return cast(str, _markdown(clean(source)))


class Page:
    """A few blocks in reading order. Every method takes untrusted text."""

    def __init__(self) -> None:
        self._html: list[str] = []
        self._text: list[str] = []

    @property
    def html(self) -> str:
        return f'<div class="pythonmastery" style="{_STYLE}">' + "\n".join(self._html) + "</div>"

    @property
    def text(self) -> str:
        return "\n".join(self._text)

    def bundle(self) -> dict[str, Any]:
        """For `display(…, raw=True)`."""
        return {"text/plain": self.text, "text/html": self.html}

    def heading(self, text: str) -> None:
        line = clean(text)
        self._html.append(f"<h4>{escape(line)}</h4>")
        self._text.append(f"{line}\n{'-' * len(line)}")

    def para(self, text: str) -> None:
        self._html.append(f"<p>{escape(clean(text))}</p>")
        self._text.append(clean(text))

    def alert(self, text: str) -> None:
        """A sentence that a screen reader says at once."""
        self._html.append(f'<p role="alert">{escape(clean(text))}</p>')
        self._text.append(clean(text))

    def items(self, texts: Iterable[str]) -> None:
        lines = [clean(text) for text in texts]
        self._html.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")
        self._text.extend(f"- {line}" for line in lines)

    def links(self, addresses: Iterable[str]) -> None:
        self.markdown("\n".join(f"- <{address}>" for address in addresses if "\n" not in address))

    def code(self, label: str, source: str) -> None:
        body = clean(source)
        self._html.append(f"<p>{escape(clean(label))}</p>{_pre(body)}")
        indented = "\n".join(f"    {line}" for line in body.splitlines())
        self._text.append(f"{clean(label)}\n{indented}")

    def folded(self, label: str, source: str) -> None:
        """Code that is not needed at first sight."""
        self._html.append(
            f"<details><summary>{escape(clean(label))}</summary>{_pre(source)}</details>"
        )
        indented = "\n".join(f"    {line}" for line in clean(source).splitlines())
        self._text.append(f"{clean(label)}\n{indented}")

    def markdown(self, source: str) -> None:
        self._html.append(markdown_html(source))
        self._text.append(clean(source).strip() + "\n")


def _pre(source: str) -> str:
    return f'<pre style="{_CODE}">{escape(clean(source))}</pre>'


def show(bundle: dict[str, Any], *, changing: bool = False) -> Any:
    """Display a bundle of formats; the handle for later changes, if `changing`."""
    return display(bundle, raw=True, display_id=changing or None)  # type: ignore[no-untyped-call]
