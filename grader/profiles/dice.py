"""Tests that throw dice throw the same ones each time that a class problem is run.

A control puts another value in the place of one that a test used when it was recorded. Among other
numbers it could be the true one.
"""

from __future__ import annotations

import sys
import zlib
from random import seed as _seed  # tests may patch the name in random


def settle(row: str) -> None:
    """For what runs from now on; nothing of it reaches the student's process."""
    _seed(row)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        seed = numpy.random.seed
        getattr(seed, "own", seed)(zlib.crc32(row.encode("utf-8", "surrogatepass")))
