"""The counterpart of Gemini in a process of its own: Playwright's loop is busy in this one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.counterparts.gemini import KEY

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def gemini(pace: float = 0.02) -> Iterator[dict[str, str]]:
    """Yields the settings with which a server uses it."""
    words = [sys.executable, "-m", "tests.counterparts.gemini", f"--pace={pace}"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield {
                "GEMINI_API_KEY": KEY,
                "GOOGLE_GEMINI_BASE_URL": process.stdout.readline().strip(),
                "PYTHONMASTERY_GEMINI_MODEL": "gemini-counterpart",
            }
        finally:
            process.terminate()
