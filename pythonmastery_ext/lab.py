"""`pythonmastery lab`: JupyterLab with the course, on one's own machine."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

ROOT_OPTIONS = ("--ServerApp.root_dir", "--notebook-dir", "--ServerApp.notebook_dir")
HERE = Path(__file__).parent


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "lab",
        help="run JupyterLab with the course",
        description="Runs JupyterLab with the course. Every option of `jupyter lab` may follow, "
        "for example --no-browser, --port 9000 or --IdentityProvider.token=secret.",
    )
    parser.set_defaults(run=run, options=[])


def say(text: str) -> None:
    sys.stderr.write(f"\033[36m▸\033[0m {text}\n" if sys.stderr.isatty() else f"▸ {text}\n")
    sys.stderr.flush()


def environment() -> dict[str, str]:
    """Our page settings (no news pop-up, no extension manager) for this run only."""
    path = [str(HERE / "jupyter_config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(part for part in path if part)}


def has_root(options: list[str]) -> bool:
    """Whether the options choose the folder themselves."""
    return any(word.split("=")[0] in ROOT_OPTIONS for word in options)


def can_show_browser() -> bool:
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def command(options: list[str]) -> list[str]:
    """The JupyterLab command line; the learner's own options come last, so they win."""
    # One Ctrl-C is enough: all work is in files and in the database.
    words = [sys.executable, "-m", "jupyterlab", "--ServerApp.answer_yes=True"]
    if not has_root(options):
        folder = Path.home() / "PythonMastery"
        folder.mkdir(parents=True, exist_ok=True)
        say(f"Your work is kept in {folder}")
        words += [f"--ServerApp.root_dir={folder}", "--PythonMastery.learner_folder="]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say(
            "You are root: code that you run in notebooks can change everything on this machine. "
            "What you submit is still graded in a sandbox, and the database runs as another user. "
            "An ordinary account is the better place to learn."
        )
        words.append("--allow-root")
    if "--no-browser" not in options and not can_show_browser():
        say("No browser here: open the address below in one.")
        words.append("--no-browser")
    return words + options


def run(args: argparse.Namespace) -> int:
    words = command(list(args.options))
    say("Starting JupyterLab (stop it with Ctrl-C)")
    os.execve(words[0], words, environment())  # noqa: S606 - the terminal's signals go to Lab itself
    return 1
