"""SQL of the hot paths, taken apart once: for SQLAlchemy, and for the driver as it stands."""

import re
from collections.abc import Mapping
from typing import Any

from psycopg.types.numeric import Int8
from sqlalchemy import text

PARAMETER = re.compile(r"(?<!:):(\w+)")


class Statement:
    """SQL with `:name` for a parameter."""

    def __init__(self, sql: str) -> None:
        #: For SQLAlchemy.
        self.text = text(sql)
        self._names = tuple(dict.fromkeys(PARAMETER.findall(sql)))
        place = {name: number for number, name in enumerate(self._names, start=1)}
        #: For PostgreSQL.
        self.plain = PARAMETER.sub(lambda found: f"${place[found[1]]}", sql).encode()

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """In the order of `plain`; whole numbers of one type, or each size would have a plan."""
        found = [given[name] for name in self._names]
        return [Int8(value) if type(value) is int else value for value in found]
