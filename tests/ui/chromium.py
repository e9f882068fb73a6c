"""The machine's own Chromium, as tests and measurements drive it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "google-chrome", "chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def path() -> str:
    places = ["/usr/bin/" + name for name in NAMES] + [shutil.which(name) or "" for name in NAMES]
    found = next((place for place in places if place and Path(place).exists()), None)
    if found is None:
        raise RuntimeError("There is no Chromium here: `make chromium` installs it.")
    return found


def launch_args() -> dict[str, Any]:
    return {"executable_path": path(), "args": FLAGS, "headless": True}


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args())
        try:
            yield browser
        finally:
            browser.close()
