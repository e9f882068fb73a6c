"""A class, and what a measurement starts, ends with whoever started it, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hub.classroom import ROOT

PATIENCE = 60.0
#: Ends in order, as a class does, and takes a moment for it.
IN_ORDER = """
import sys, time
from deploy.development.ending import end_with_parent, go_through
end_with_parent()
try:
    print("begun", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    go_through()
    print("ending", flush=True)
    time.sleep(1)
    open(sys.argv[1], "w").close()
"""
#: `setpriv` needs a moment for its word to the system.
WITH_CHILD = """
import subprocess, sys, time
from pathlib import Path
from deploy.development.ending import WITH_PARENT
child = subprocess.Popen([*WITH_PARENT, "sleep", "600"], start_new_session=True)
while Path(f"/proc/{child.pid}/comm").read_text() != "sleep\\n":
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(600)
"""
MEASURING = """
import time
from benchmarks.hub.keeper import DATABASE
from benchmarks.hub.place import kept
from pythonmastery_ext.db.embedded import EmbeddedPostgres
with kept() as folder:
    server = EmbeddedPostgres(folder / DATABASE)
    server.start()
    pid = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    print(folder, pid, flush=True)
    time.sleep(600)
"""


def start(program, *words, made=False):
    """`made`: below a shell that waits, as `make` does."""
    command = [sys.executable, "-c", program, *map(str, words)]
    below = ["sh", "-c", '"$@"; true', "sh"] if made else []
    return subprocess.Popen(
        [*below, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def gone(pid):
    """Ended; whoever should have waited for it may be gone too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_ending_goes_through_whatever_comes_meanwhile(tmp_path, number):
    process = start(IN_ORDER, tmp_path / "ended")
    assert process.stdout.readline() == "begun\n"
    process.send_signal(number)
    assert process.stdout.readline() == "ending\n"
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process.send_signal(again)
    process.communicate(timeout=PATIENCE)
    assert (tmp_path / "ended").exists()


def test_who_started_it_is_killed_and_it_ends_in_order(tmp_path):
    shell = start(IN_ORDER, tmp_path / "ended", made=True)
    assert shell.stdout.readline() == "begun\n"
    shell.kill()
    shell.wait()
    until((tmp_path / "ended").exists)
    shell.stdout.close()


def test_what_it_started_ends_where_it_was_killed_itself():
    process = start(WITH_CHILD)
    child = int(process.stdout.readline())
    assert not gone(child)
    process.kill()
    process.communicate()
    until(lambda: gone(child))


def test_a_measurement_that_is_killed_leaves_no_database_and_no_folder():
    process = start(MEASURING)
    folder, pid = process.stdout.readline().split()
    assert not gone(pid)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    until(lambda: gone(pid) and not Path(folder).exists())
