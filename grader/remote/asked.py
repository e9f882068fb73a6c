"""Names with two underscores for which the student's objects and classes are asked."""

from __future__ import annotations

OF_OBJECTS = frozenset(
    f"__{n}__"
    for n in [
        *("name", "qualname", "wrapped", "annotations", "dict", "cause", "context", "slots"),
        # Asked of the object itself: Python looks for them in its class.
        *("get", "set", "delete", "origin", "args", "isabstractmethod"),
    ]
)
OF_CLASSES = frozenset(
    f"__{n}__"
    for n in [
        "match_args",
        "slots",
        "members",
        "wrapped",
        "abstractmethods",
        "parameters",
        "orig_bases",
        "total",
        "class_getitem",
    ]
)
