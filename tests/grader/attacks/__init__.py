"""Hostile submissions, by group. Each tries to score, to read what is not its own, or to harm.

`python -m tests.grader.attacks` writes the public list.
"""

from __future__ import annotations

from tests.grader.attacks import (
    agent,
    detection,
    endless,
    exits,
    files,
    floods,
    interpreter,
    leaving,
    lent,
    lent_classes,
    memory,
    network,
    objects,
    processes,
    reused,
    syscalls,
    texts,
    told,
    values,
    wire,
)
from tests.grader.attacks.attack import Attack

_MODULES = (
    values,
    objects,
    texts,
    lent,
    lent_classes,
    told,
    wire,
    agent,
    interpreter,
    files,
    exits,
    processes,
    syscalls,
    endless,
    memory,
    floods,
    network,
    detection,
    leaving,
    reused,
)
#: Name of the group and what it is after, to its attacks.
GROUPS: dict[tuple[str, str], list[Attack]] = {
    (module.TITLE, module.AIM): module.ATTACKS for module in _MODULES
}
ATTACKS = [attack for attacks in GROUPS.values() for attack in attacks]
