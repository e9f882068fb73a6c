"""The same commands in IPython without any front end."""

import os
import subprocess
import sys

from tests.labserver import OURS

SLUG = "overdue-by-customer"


def ipython(lab, *lines):
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner"],
        input="\n".join([*lines, "exit", ""]),
        env={**env, "HOME": str(lab.home)},
        cwd=lab.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_a_terminal_shows_text(lab):
    text = ipython(
        lab,
        "%load_ext pythonmastery_ext",
        "%pythonmastery",
        f"%pythonmastery use {SLUG}",
        "%pythonmastery ask What is late?",
    )
    assert "%pythonmastery submit" in text
    assert "Who owes us money?" in text
    assert "You are close" in text
    assert "<p>" not in text
