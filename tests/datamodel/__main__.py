"""Prints docs/data-model.md: `make data-model` writes it."""

from __future__ import annotations

import sys

from tests.datamodel.page import page

if __name__ == "__main__":
    sys.stdout.write(page())
