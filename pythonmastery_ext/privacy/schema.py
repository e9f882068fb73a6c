"""One's own data on the wire."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pythonmastery_ext.wire import WireIn, WireOut

if TYPE_CHECKING:
    from pythonmastery_ext.privacy.models import DataRequest


class ExportOut(WireOut):
    state: Literal["waiting", "ready", "fetched", "expired", "failed"]
    requested_at: datetime
    #: The link works until then, once.
    expires_at: datetime
    #: Below the API's root; told when the export is asked for and never again.
    link: str | None = None

    @classmethod
    def of(cls, found: "DataRequest", link: str | None = None) -> "ExportOut":
        return cls.model_validate(
            {
                "state": found.state,
                "requested_at": found.requested_at,
                "expires_at": found.due_at,
                "link": link,
            }
        )


class ErasureIn(WireIn):
    #: One's own user name, so that nobody is erased by a slip.
    confirm: str


class ErasureOut(WireOut):
    state: Literal["cooling", "cancelled", "locked", "deleted", "done"]
    requested_at: datetime
    #: Until then it can be taken back.
    due_at: datetime

    @classmethod
    def of(cls, found: "DataRequest") -> "ErasureOut":
        return cls.model_validate(
            {"state": found.state, "requested_at": found.requested_at, "due_at": found.due_at}
        )


class MyExport(WireOut):
    #: The newest; null if there was none.
    export: ExportOut | None


class MyErasure(WireOut):
    #: The newest; null if there was none.
    erasure: ErasureOut | None
