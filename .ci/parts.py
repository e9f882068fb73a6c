"""Runs the parts of the tests side by side, and a second time the few tests that failed.

python .ci/parts.py --jobs 4 check= hub=tests/hub rest="tests/unit tests/content"

Each part is a pytest of its own over these folders; one without folders is a target of make. All
that they say goes to .venv/tests. Why there is a second try: docs/decisions/0026-second-try.md.
"""

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

LOGS = Path(".venv/tests")
#: More failures than this mean that something is broken.
FEW = 3
#: Seconds without a word after which a part is ended; longer than any test may take.
SILENCE = 420.0
#: Seconds for the traces of all threads to be written.
LAST_WORDS = 10.0
#: Exit codes of pytest: all passed, and some tests failed. All others are no matter of a test.
PASSED, FAILED = 0, 1


@dataclass
class Part:
    name: str
    #: What is handed to pytest; empty: `make NAME`.
    tests: list[str]
    code: int | None = None
    failed: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    @property
    def _cache(self) -> Path:
        return LOGS / f"{self.name}.cache"

    @property
    def _command(self) -> list[str]:
        if not self.tests:
            return ["make", self.name]
        # What pytest remembers and films; parts would else delete each other's.
        own = [f"--override-ini=cache_dir={self._cache}", f"--output={LOGS / self.name}.output"]
        traced = [sys.executable, "-X", "faulthandler", "-m", "pytest"]
        return [*traced, "-q", *own, *self.tests]

    @property
    def last_line(self) -> str:
        return (self.log.read_text(errors="replace").splitlines() or ["said nothing"])[-1]

    @property
    def is_worth_a_second_try(self) -> bool:
        """Only tests that ran and failed, and few; not what could not be collected or crashed."""
        ran = all("::" in test for test in self.failed)
        return self.code == FAILED and ran and 0 < len(self.failed) <= FEW

    def run(self, silence: float) -> None:
        with self.log.open("ab") as out:
            process = subprocess.Popen(self._command, stdout=out, stderr=subprocess.STDOUT)
            self.code = self._watch(process, silence)
        remembered = self._cache / "v/cache/lastfailed"
        if remembered.exists():
            self.failed = list(json.loads(remembered.read_text()))

    def _watch(self, process: subprocess.Popen[bytes], silence: float) -> int:
        size, since = 0, time.monotonic()
        while True:
            try:
                return process.wait(1)
            except subprocess.TimeoutExpired:
                if (now := self.log.stat().st_size) != size:
                    size, since = now, time.monotonic()
            if time.monotonic() > since + silence:
                return _abort(process, self.log, silence)


def _abort(process: subprocess.Popen[bytes], log: Path, silence: float) -> int:
    """Ended so that Python's faulthandler writes where each thread is."""
    with log.open("a") as out:
        out.write(f"\nNothing was said for {silence:.0f} seconds, so it is ended.\n")
    process.send_signal(signal.SIGABRT)
    try:
        process.wait(LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait()


def say(*lines: str, mark: str = "\033[36m▸\033[0m ") -> None:
    sys.stdout.write("".join(f"{mark}{line}\n" for line in lines))
    sys.stdout.flush()


def show(log: Path) -> None:
    say(f"Everything in {log}:")
    say(log.read_text(errors="replace"), mark="")


def first_try(part: Part, silence: float) -> None:
    say(f"{part.name}: begins")
    part.run(silence)
    if part.code == PASSED:
        say(f"{part.name}: {part.last_line}")
        return
    say(f"{part.name}: FAILED (exit code {part.code}, {part.last_line})")
    say(*part.failed, mark="    ")
    if not part.is_worth_a_second_try:
        show(part.log)


def second_try(parts: list[Part], silence: float) -> bool:
    """Each test alone, now that nothing runs beside it; whether all have passed."""
    tries: list[tuple[str, Part, Part]] = []
    for first in parts:
        for test in first.failed:
            again = Part(f"second-{len(tries) + 1}", [test])
            say(f"second try: {test}")
            again.run(silence)
            tries.append((test, first, again))
    # A test that is left out now has not passed.
    lost = [each for each in tries if each[2].code != PASSED or "1 passed" not in each[2].last_line]
    for log in dict.fromkeys(part.log for _, *both in lost for part in both):
        show(log)
    if lost:
        say("FAILED TWICE", mark="")
        say(*(test for test, *_ in lost), mark="    ")
        return False
    say("", "=" * 100, f"NEEDED A SECOND TRY: {len(tries)} of the tests failed at first.", mark="")
    for test, first, again in tries:
        say(test, mark="    ")
        say(f"failed: {first.log}   passed, alone: {again.log}", mark="        ")
    say("Find out why; it will come back.", "=" * 100, "", mark="")
    return True


def total(parts: list[Part]) -> str:
    said = " ".join(part.last_line for part in parts)
    passed = sum(map(int, re.findall(r"(\d+) passed", said)))
    skipped = sum(map(int, re.findall(r"(\d+) skipped", said)))
    again = sum(len(part.failed) for part in parts)
    needed = f" ({again} in a second try)" if again else ""
    return f"{passed + again} passed{needed}, 0 failed, {skipped} skipped"


def run(parts: list[Part], jobs: int, silence: float) -> bool:
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for done in [pool.submit(first_try, part, silence) for part in parts]:
                done.result()
        except BaseException:
            # Ctrl-C has told those that run; no other begins.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    broken = [part for part in parts if part.code != PASSED]
    again = all(part.is_worth_a_second_try for part in broken)
    if again and sum(len(part.failed) for part in broken) <= FEW:
        if broken and not second_try(broken, silence):
            return False
        say(total(parts), mark="")
        return True
    for part in broken:
        if part.is_worth_a_second_try:
            show(part.log)
    say(f"What failed (whole output: {LOGS})")
    for part in broken:
        say(*(part.failed or [f"{part.name}: exit code {part.code}"]), mark="    ")
    return False


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--silence", type=float, default=SILENCE)
    options.add_argument("parts", nargs="+", metavar="NAME=FOLDERS")
    given = options.parse_args()
    named = [text.partition("=") for text in given.parts]
    parts = [Part(name, folders.split()) for name, _, folders in named]
    try:
        return 0 if run(parts, given.jobs, given.silence) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
