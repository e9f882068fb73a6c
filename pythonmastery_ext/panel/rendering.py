"""Templates, and the files that they link."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyterhub._data import DATA_FILES_PATH
from tornado.web import StaticFileHandler

HERE = Path(__file__).parent
#: Of our own, and the hub's as installed beside us: the pages keep its look while it is away, and
#: its fonts load where people have subdomains.
STATIC = {"own": HERE / "static", "hub": Path(DATA_FILES_PATH) / "static"}
#: In place of a time that there is not.
NONE = "\N{EN DASH}"


def when(moment: datetime | None) -> str:
    """In UTC, to the minute; the page says so at its foot."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment else NONE


def amount(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"


def duration(seconds: float | None) -> str:
    """In the largest unit that leaves a number to picture."""
    if seconds is None:
        return NONE
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(when=when, amount=amount, duration=duration)
    return made


@cache
def version(place: str, path: str) -> str:
    """Of what the file holds, so that a browser may keep it for ever."""
    found: str = StaticFileHandler.get_version({"static_path": str(STATIC[place])}, path) or ""
    return found


def linked(base_url: str, place: str, path: str) -> str:
    return f"{base_url}static/{place}/{path}?v={version(place, path)}"


def render(template: str, values: dict[str, Any]) -> str:
    return environment().get_template(template).render(values)


class LookHandler(StaticFileHandler):
    """Styles, fonts and pictures; the same for everybody, so without a sign-in."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
