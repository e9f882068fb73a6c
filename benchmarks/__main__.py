"""Measures everything in one run and writes docs/performance.md."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.api import submit_to_verdict
from benchmarks.browser import click_to_verdict
from benchmarks.figures import Figure
from benchmarks.floors import all_floors, grader_floors
from benchmarks.grader import measure
from benchmarks.graderpage import sheets
from benchmarks.otter import otter_run
from benchmarks.page import PAGE, Sheet, Table, page
from benchmarks.peer import autograde
from benchmarks.problem import TESTS, problem, with_ten_tests
from benchmarks.start import second_start
from tests.labserver import lab_server
from tests.ui import chromium

SUBMIT = """\
"{title}": {samples} sample tests and {hidden} hidden ones. The peers grade the
same solution in their own way, in a new kernel for each notebook, with the same tests and {more}
more. The floors are what a kernel, a sandbox and a process cost before anything is graded."""
CLICK = """\
In JupyterLab, in a headless Chromium, on the same problem: what a learner waits for. A cell of the
same notebook shows what JupyterLab itself takes to show a result."""
START = """\
The second start of `pythonmastery lab`, with the database and the course already made. The floor is
the same JupyterLab with PythonMastery switched off."""

#: One learner sends here what a class would.
UNLIMITED = {"PYTHONMASTERY_RATE_LIMITS": "{'submit': (0, 1), 'write': (0, 1)}"}


def say(text: str) -> None:
    print(f"▸ {text}", file=sys.stderr, flush=True)


def tables(scratch: Path, quick: bool) -> list[Table | Sheet]:
    content = problem()
    say("Floors: kernel, sandbox, process, fork, call")
    floors, calls = all_floors(quick), grader_floors(quick)
    say("Submit to verdict through the API")
    with lab_server(scratch / "api", environment=UNLIMITED) as server:
        server.wait_ready()
        submits = submit_to_verdict(server, content, quick)
    say("Click to painted verdict in Chromium")
    clicks = click_to_verdict(scratch, content, quick)
    say("Second start of pythonmastery lab")
    starts = second_start(scratch, quick)
    say("The grader: submissions, work, memory, limits")
    graded = measure(content, quick)
    peers = peer_figures(scratch, quick)
    samples, hidden = len(content.samples), len(content.hidden)
    more = TESTS - samples - hidden
    text = SUBMIT.format(title=content.title, samples=samples, hidden=hidden, more=more)
    return [
        Table("Submit to verdict", text, [*submits, *peers, *floors]),
        Table("Click to painted verdict", CLICK, clicks),
        *sheets(graded, [*floors, *calls], peers, content.title),
        Table("Coming back another day", START, starts),
    ]


def peer_figures(scratch: Path, quick: bool) -> list[Figure]:
    content = with_ten_tests(problem())
    say("nbgrader autograde on the same problem")
    peers = autograde(content, scratch, quick)
    say("Otter on the same problem")
    return [*peers, *otter_run(content, scratch, quick)]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer of each, for a first look")
    quick = options.parse_args().quick
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="pm-bench-", ignore_cleanup_errors=True) as scratch:
        found = tables(Path(scratch), quick)
    command = "python -m benchmarks" + (" --quick" if quick else "")
    text = page(found, command, chromium.path())
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    say(f"Written to {PAGE.name} in docs/ after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
