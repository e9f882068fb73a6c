"""Clears up after a measurement, also one that was killed.

    python -m benchmarks.hub.keeper FOLDER

It waits until its input ends, which it does with whoever holds the other side.
"""

import shutil
import sys
from pathlib import Path

from deploy.development.ending import end_below
from pythonmastery_ext.db.embedded import EmbeddedPostgres

#: Of the folder, where the database is.
DATABASE = "db"


def main() -> None:
    folder = Path(sys.argv[1])
    sys.stdin.buffer.read()
    server = EmbeddedPostgres(folder / DATABASE)
    if server.running_url() is not None:
        server.start()
        server.stop()
    end_below(folder)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
