"""What the checks of a problem report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Finding:
    path: Path
    #: Key of the cell; None for the problem as a whole.
    cell: str | None
    #: E…: must be mended before publishing; W…: look at it.
    code: str
    message: str

    @property
    def stops(self) -> bool:
        return self.code.startswith("E")

    def __str__(self) -> str:
        where = self.path.as_posix() + (f", cell '{self.cell}'" if self.cell else "")
        return f"{where}: {self.code} {self.message}"

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.path.as_posix(),
            "cell": self.cell,
            "code": self.code,
            "message": self.message,
        }
