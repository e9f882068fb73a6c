"""`pythonmastery grader`: offer the grader as a kernel in one's own notebooks, or take it back."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_data_dir

from grader.kernelspec import DISPLAY_NAME, kernelspec
from grader.protocol import KERNEL_NAME

READER = "pythonmastery_ext.grading.opened"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "grader",
        help="offer the grader as a kernel in your notebooks",
        description="Installs the kernel 'PythonMastery grader', in which an instructor grades "
        "cells by hand. Nothing needs it: the course has kernels of its own.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, action, text in (
        ("install", install, "add the kernel"),
        ("uninstall", uninstall, "remove the kernel"),
    ):
        one = actions.add_parser(name, help=text)
        place = one.add_mutually_exclusive_group()
        place.add_argument("--user", action="store_true", help="for you (the default)")
        place.add_argument("--sys-prefix", action="store_true", help="in this environment")
        place.add_argument("--prefix", type=Path, help="below this folder")
        one.set_defaults(run=action)


def _kernels(args: argparse.Namespace) -> Path:
    if args.prefix or args.sys_prefix:
        return (args.prefix or Path(sys.prefix)) / "share" / "jupyter" / "kernels"
    return Path(jupyter_data_dir()) / "kernels"


def install(args: argparse.Namespace) -> int:
    place = _kernels(args) / KERNEL_NAME
    spec = kernelspec(["notebook", READER], language="python")
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
            prefix = sys.prefix if args.sys_prefix else args.prefix and str(args.prefix)
            KernelSpecManager().install_kernel_spec(
                folder, KERNEL_NAME, user=prefix is None, prefix=prefix
            )
    except OSError as error:
        return _fail(f"{place} cannot be written ({error.strerror or error}): try --user.")
    sys.stdout.write(f"Installed the kernel {DISPLAY_NAME!r} in {place}\n")
    return 0


def uninstall(args: argparse.Namespace) -> int:
    place = _kernels(args) / KERNEL_NAME
    if not (place / "kernel.json").is_file():
        return _fail(f"There is no such kernel in {place.parent}.")
    try:
        shutil.rmtree(place)
    except OSError as error:
        return _fail(f"{place} cannot be removed: {error.strerror or error}.")
    sys.stdout.write(f"Removed {place}\n")
    return 0


def _fail(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1
