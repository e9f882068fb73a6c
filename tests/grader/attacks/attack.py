"""One hostile submission."""

from __future__ import annotations

from dataclasses import dataclass

from tests.grader.attacks.problems import TOTAL, Problem


@dataclass(frozen=True)
class Attack:
    #: Reads on from "A submission that …".
    name: str
    code: str
    #: How many points its code earns without the trick.
    honest: float = 0
    problem: Problem = TOTAL
    #: Runs with every `make test`, as the first of each group do; the others with `make attacks`.
    often: bool = False
    #: Signals whatever it can name: without walls that would be all that its user runs.
    signals: bool = False
    #: A package that the code needs beside the standard library.
    needs: str | None = None
