"""The notebook that this kernel belongs to, and new ones beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pythonmastery_ext.curriculum.schema import NotebookOut
from pythonmastery_ext.kernelside.errors import NotebookThere, Trouble

_LARGEST = 8 * 1024 * 1024


def notebook_path(namespace: Mapping[str, Any], environ: Mapping[str, str]) -> Path | None:
    """Jupyter Server tells it by the environment, VS Code by a variable; others do not tell."""
    told = namespace.get("__vsc_ipynb_file__") or environ.get("JPY_SESSION_NAME")
    if not isinstance(told, str) or not told.endswith(".ipynb"):
        return None
    path = Path(told)
    return path if path.is_file() else None


def problem_of(path: Path) -> str | None:
    """The slug in a student notebook's metadata; None for any other file."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        notebook = json.loads(path.read_text(encoding="utf-8"))
        ours = notebook["metadata"]["pythonmastery"]
        slug = ours["slug"] if ours["kind"] == "problem-student" else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return slug if isinstance(slug, str) else None


def current_problem(namespace: Mapping[str, Any]) -> str | None:
    path = notebook_path(namespace, os.environ)
    return problem_of(path) if path else None


def folder(namespace: Mapping[str, Any]) -> Path:
    """Where a new notebook goes: beside this one."""
    path = notebook_path(namespace, os.environ)
    return path.parent if path else Path.cwd()


def write_notebook(out: NotebookOut, into: Path) -> Path:
    """Save a student notebook as a new file; a file that is there stays as it is."""
    name = Path(out.path).name
    if not name.endswith(".ipynb"):
        name += ".ipynb"
    target = into / name
    text = json.dumps(out.notebook, ensure_ascii=False, indent=1) + "\n"
    try:
        file = target.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise NotebookThere(
            f"{name} is there already and was left as it is; open it, or rename it and call this "
            "again for a fresh one."
        ) from error
    except OSError as error:
        raise _unwritten(target, error) from error
    try:
        with file:
            file.write(text)
    except OSError as error:
        target.unlink(missing_ok=True)  # ours and incomplete; it must not pass for a notebook
        raise _unwritten(target, error) from error
    return target


def _unwritten(target: Path, error: OSError) -> Trouble:
    return Trouble(
        f"{target.name} could not be written to {target.parent}: {error.strerror}. Change to a "
        "folder that you may write to."
    )
