"""What is started on one machine ends with whoever started it, however that ends."""

import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

#: Before a command: it gets SIGTERM once its parent is gone, also where that was killed.
WITH_PARENT = ["setpriv", "--pdeathsig=TERM", "--"] if shutil.which("setpriv") else []
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Seconds between looks for the parent.
EVERY = 0.5


def end_with_parent() -> None:
    """Ctrl-C, SIGTERM, a terminal that closes and a `make` that was killed: KeyboardInterrupt."""
    for number in SIGNALS:
        # A shell's background job ignores SIGINT, and so would all that it starts.
        signal.signal(number, signal.default_int_handler)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent").start()


def go_through() -> None:
    """From here on nothing breaks off the ending, no second Ctrl-C either."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def end_below(folder: Path) -> None:
    """Kills what works in this folder."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                os.kill(int(process.name), signal.SIGKILL)
