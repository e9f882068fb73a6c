"""What can be done at which address: what the handlers do and the OpenAPI document tells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel

from pythonmastery_ext.errors import Refusal

if TYPE_CHECKING:
    from pythonmastery_ext.web import ApiHandler


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One verb at one address."""

    method: str
    summary: str
    request: type[BaseModel] | None = None
    response: type[BaseModel] | None = None
    #: Statuses of success; the first is the usual one.
    status: tuple[int, ...] = (200,)
    #: The answer is text/event-stream: name of each event → shape of its data.
    events: Mapping[str, type[BaseModel] | None] | None = None
    errors: tuple[type[Refusal], ...] = ()
    #: Query parameter → what it is for.
    query: Mapping[str, str] = field(default_factory=dict)
    #: Kinds of audit events that say it was done; a verb that writes has at least one.
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """`path` is relative to the API's root, with names in braces."""

    path: str
    handler: type["ApiHandler"]
    operations: tuple[Operation, ...]

    @property
    def pattern(self) -> str:
        return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
