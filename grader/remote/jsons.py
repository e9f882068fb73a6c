"""Lists and dicts under a class of the student are written as JSON by what they hold."""

from __future__ import annotations

import json
from typing import Any

from grader.remote.contents import bare

_DEFAULT: Any = json.JSONEncoder.default


def follow() -> None:
    def default(self: Any, value: Any) -> Any:
        plain = bare(value)
        return plain if type(plain) in (list, dict) else _DEFAULT(self, value)

    vars_of: Any = json.JSONEncoder
    vars_of.default = default
