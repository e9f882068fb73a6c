"""Writes docs/soak.md."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

PAGE = Path("docs/soak.md")

TEXT = """\
# Many submissions, and nothing grows

Written by `make soak`: {count:,} submissions of all kinds, one after the other, through one
grader kernel at isolation level {level} on {cores} cores. After each tenth of them the kernel and
all below it (runners, zygotes, waiting sandboxes) are looked at when they have come to rest. If a
column is higher in the last third of the looks than in the first (memory: by more than 4 MB), the
run fails, and this page is not written. `make test` does the same in small at both levels.

```
{table}
```

Memory is what no file backs. Of each kind there were {kinds};
each had to get the verdict that it must get. They went to {suites} test suites by turns, more than
there may be runners that wait for a suite that they know: so runners served again, were given up
for others, and ended after what submissions did to them.

`make soak ARGS="--submissions 3000"` is shorter and writes nothing; `ARGS="--level degraded"` does
it behind weaker walls.
"""


def write(level: str, table: Sequence[str], kinds: Counter[str], suites: int) -> None:
    text = TEXT.format(
        count=kinds.total(),
        level=level,
        cores=os.cpu_count(),
        table="\n".join(row.rstrip() for row in table),
        suites=suites,
        kinds=", ".join(f"{n:,} {name}" for name, n in kinds.most_common()),
    )
    PAGE.write_text(text, encoding="utf-8")
