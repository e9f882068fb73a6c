"""Prints docs/attacks.md: `make attacks-doc` writes it."""

from __future__ import annotations

import sys

from tests.grader.attacks import ATTACKS, GROUPS
from tests.grader.attacks.attack import Attack
from tests.grader.attacks.files import NAMED
from tests.grader.attacks.open_problem import LENT
from tests.grader.attacks.problems import ACCOUNT, CALLBACK, MACHINERY, REPORT, TOTAL
from tests.grader.attacks.told import NEARLY, TOLD

_ABOUT = {
    id(TOTAL): "a function",
    id(MACHINERY): "a function, tested through unittest, math and sorted",
    id(CALLBACK): "a function that is lent functions of the test",
    id(ACCOUNT): "a class",
    id(REPORT): "a file that the tests read",
    id(NAMED): "a path that the tests look at",
    id(LENT): "open tests that lend what is theirs",
    id(TOLD): "a text of many lines",
    id(NEARLY): "open tests that compare by arithmetic",
}

_HEAD = """\
# Attacks

{count} hostile submissions, each sent to a real grader at both levels of isolation, `full` and
`degraded`, while an honest submission of somebody else runs beside it. For each a test holds that

- it scores what its code earns without the trick, and no more;
- no byte of a hidden test, of a file, of the environment or of another submission is in its
  verdict, nor in what the next submission finds. Secrets lie in hidden tests, in files of the
  grading user, in the service's environment and in the neighbour's code, file and arguments;
  everything that a student is shown is searched for them;
- the honest neighbour passes, and so does the next submission;
- no process of it is left when its verdict is there, and no file, shared memory or queue either;
- the grader's own processes stay below fixed bounds of memory, number and open files;
- the verdict is tidy: at most 64 KB, and never counted as the grader's own failure.

`make test` runs some of each group, `make attacks` all of them. `make fuzz` sends damaged frames to
both ends of the wire. This page is written by `make attacks-doc` from the list that the tests run.
"""

_TAIL = """\
## What is not claimed

A student's code must be given the inputs of a hidden test, and the student is told which tests
passed. So with many attempts the inputs of a hidden test can be learnt bit by bit, by passing or
failing on purpose; time and memory tell a little more. Limits on attempts and generated inputs are
the answer to that, not a wall. All submissions share the kernel of the operating system: against an
unknown hole in it, grade in a virtual machine or under gVisor.

At the level `degraded` the disk is shared: give the grader a temporary folder of limited size. Code
in a hidden test can ask for files there, by names that spell what it was given; the next attempt is
answered a little sooner about those. At `full` there is nothing of a disk to be seen.

How busy a machine is, and numbers that its system counts for all (of a pipe, say), are seen by
every process: they can carry a few bits, among the noise of everything else.
"""


def _row(attack: Attack) -> str:
    most = len(attack.problem.tests)
    earned = f" ({attack.honest:g} of {most} is earned)" if attack.honest else ""
    return f"| {attack.name} | nothing{earned} | {_about(attack)} |"


def _about(attack: Attack) -> str:
    return _ABOUT.get(id(attack.problem), "a function, used by map and zip or listed")


def page() -> str:
    parts = [_HEAD.format(count=len(ATTACKS))]
    for (title, aim), attacks in GROUPS.items():
        parts.append(f"## {title}\n\nAfter {aim}. A submission that …\n")
        rows = [_row(attack) for attack in attacks]
        parts.append("\n".join(["| … | gains | problem |", "|---|---|---|", *rows]) + "\n")
    return "\n".join([*parts, _TAIL])


if __name__ == "__main__":
    sys.stdout.write(page())
