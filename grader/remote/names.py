"""`vars(module)` of the student's module: asked for by the name, and set over there."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

_OURS = "__pm_"


class Names(MutableMapping[str, Any]):
    """Names with two underscores are those of the stand-in."""

    def __init__(self, module: Any, own: dict[str, Any]) -> None:
        self._module = module
        self._own = own

    def __getitem__(self, name: str) -> Any:
        if name.startswith("__"):
            return self._own[name]
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, value: Any) -> None:
        if name.startswith("__"):
            self._own[name] = value
        else:
            setattr(self._module, name, value)

    def __delitem__(self, name: str) -> None:
        if name.startswith("__"):
            del self._own[name]
            return
        try:
            delattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None

    def copy(self) -> dict[str, Any]:
        return dict(self)

    def __or__(self, other: Any) -> Any:
        return dict(self) | other

    def __ror__(self, other: Any) -> Any:
        return other | dict(self)

    def clear(self) -> None:
        """As `patch.dict` does before it puts all of them back."""
        for name in self:
            if not name.startswith("__"):
                del self[name]

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._own if not name.startswith(_OURS))
        yield from (name for name in dir(self._module) if not name.startswith("__"))

    def __len__(self) -> int:
        return len(list(self))
