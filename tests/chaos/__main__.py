"""`python -m tests.chaos`: breaks everything once; `--short` in a minute, `--only WORD` a part."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.chaos import table
from tests.chaos.faults import FAULTS
from tests.chaos.place import folder_of_run
from tests.chaos.run import FULL, SHORT, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="each fault once and briefly")
    parser.add_argument("--only", metavar="WORD", default="", help="faults with this in their name")
    parser.add_argument("--json", type=Path, help="write the report there too")
    parser.add_argument("--keep", type=Path, help="an empty folder for logs, which are kept")
    options = parser.parse_args()
    faults = tuple(
        fault
        for fault in FAULTS
        if options.only in fault.name and (fault.brief or not options.short)
    )
    if not faults:
        parser.error(f"no fault has {options.only!r} in its name")
    pace = SHORT if options.short else FULL
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        report = asyncio.run(run(options.keep, pace, faults))
    else:
        with folder_of_run() as base:
            report = asyncio.run(run(base, pace, faults))
    if options.json:
        options.json.write_text(table.as_json(report))
    sys.stdout.write(table.as_text(report))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
