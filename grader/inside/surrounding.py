"""What tests put around the student's code."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from grader.inside.members import member
from grader.wire import references

_ABSENT = object()


class Surrounding:
    def __init__(self) -> None:
        self._patched: list[tuple[Any, str, Any]] = []

    def do_draw(self, module: str, function: str, args: list[Any]) -> None:
        getattr(importlib.import_module(module), function)(*args)

    def do_patch(self, place: list[str], name: str, told: list[Any]) -> int:
        """Of a module, or of a class in one."""
        target = references.load(*place) if place[1:] else importlib.import_module(place[0])
        self._patched.append((target, name, vars(target).get(name, _ABSENT)))
        setattr(target, name, member(*told) if place[1:] else told[1])
        return len(self._patched) - 1

    def do_unpatch(self, number: int) -> None:
        target, name, value = self._patched[number]
        if value is _ABSENT:
            delattr(target, name)
        else:
            setattr(target, name, value)

    def do_around(self) -> list[Any]:
        """What a context manager may have changed: standard output, variables, the folder."""
        redirected = sys.stdout is not sys.__stdout__ or "write" in vars(sys.stdout)
        return [redirected, dict(os.environ), os.getcwd()]  # noqa: PTH109 - as text

    def do_print(self, text: str) -> None:
        sys.stdout.write(text)

    def do_environment(self, changed: dict[str, str | None]) -> None:
        for name, value in changed.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def do_arguments(self, words: list[str]) -> None:
        sys.argv[:] = words
