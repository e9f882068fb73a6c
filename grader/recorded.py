"""Which recordings of class problems the tests' side holds code to in full."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

VERSION = 3
#: Earlier ones: names in the place of positions, and controls that end their test.
EARLIER = (1, 2)
#: Of a control as JSON, where in the test is the comparison that it changes.
AT = 6
#: Which column something is at is told a little differently from one to the next.
PYTHON = "{}.{}".format(*sys.version_info)


def is_current(profile: Mapping[str, Any]) -> bool:
    """Whether its controls are where they were; another one is to be recorded anew."""
    return profile.get("version") == VERSION and profile.get("python") == PYTHON
