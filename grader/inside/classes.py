"""What tests do to the student's classes: subclasses, parts put into them, what `super()` finds."""

from __future__ import annotations

import types
from typing import Any

from grader.inside.members import member
from grader.wire import shapes


class Classes:
    def do_super(self, owner: type, name: str, target: Any) -> Any:
        """As `super()` finds it in `owner`, of an object or of a class."""
        found = vars(owner)[name]
        bind = getattr(type(found), "__get__", None)
        if bind is None:
            return found
        apart = isinstance(target, type)
        return bind(found, None if apart else target, target if apart else type(target))

    def do_set_raw(self, target: Any, name: str, value: Any) -> None:
        object.__setattr__(target, name, value)

    def do_member(self, target: type, name: str, told: list[Any]) -> None:
        setattr(target, name, member(*told))

    def do_subclass(
        self, name: str, bases: list[type], body: dict[str, list[Any]], options: dict[str, Any]
    ) -> Any:
        made = {key: member(*value) for key, value in body.items()}
        return types.new_class(name, tuple(bases), options, lambda space: space.update(made))

    def do_fields(self, kind: Any, names: list[str]) -> None:
        """Of a test's dataclass below one of the student's classes."""
        kind.__dataclass_fields__ = {name: shapes.field(name) for name in names}
