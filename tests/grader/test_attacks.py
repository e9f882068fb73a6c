"""Hostile submissions gain nothing, learn nothing, and disturb neither neighbour nor the next."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from grader.protocol import MAX_VERDICT_BYTES, to_json
from tests.grader.attacks import GROUPS
from tests.grader.attacks.__main__ import page
from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import ARGUMENT, CANARY, REPORT
from tests.grader.conftest import failures
from tests.grader.field import Field, Meeting
from tests.grader.watch import ipc_objects, left_files, orphans, settles

ROOT = Path(__file__).resolve().parents[2]
#: All kernels, runners and sandboxes of a pool together, beyond what they take at rest. One runner
#: may take 2 GB: tests may have a thousand threads.
MEMORY = 5 << 29
PROCESSES = 100
DESCRIPTORS = 200
#: Of the trusted side: a runner may use two seconds more than its submission has time; and for each
#: honest submission beside it.
CPU_SECONDS = 4.0
CPU_SECONDS_EACH = 0.2
#: So many of each group run with every `make test`: the first at each level, of the others every
#: second at one and the rest at the other.
FIRST = 5
LEVELS = ("full", "degraded")
#: What a test's side would show that read its own environment or command line for a student.
INSIDE = ("LC_CTYPE", "OPENBLAS", "-X\\u0000utf8", "grader.runner")


def _cases() -> list[object]:
    """Every attack; all but the first of each group and the most telling only on demand."""
    return [
        pytest.param(
            level,
            attack,
            id=f"{level}-{attack.name.replace(' ', '-')}",
            marks=() if attack.often or _is_usual(number, place) else (pytest.mark.every_attack,),
        )
        for place, level in enumerate(LEVELS)
        for attacks in GROUPS.values()
        for number, attack in enumerate(attacks)
    ]


def _is_usual(number: int, level: int) -> bool:
    return number == 0 or (number < FIRST and number % len(LEVELS) == level)


def _refuse_to_learn(meeting: Meeting, attack: Attack) -> None:
    text = to_json(meeting.verdict)
    assert CANARY not in text + to_json(meeting.later), text
    assert str(ARGUMENT) not in text, text
    if attack.problem is REPORT:
        assert not any(word in text for word in INSIDE), text
    for test in meeting.verdict.tests:
        if test.visible == "hidden":
            told = (test.call, test.expected, test.actual, test.stdout, test.line, test.difference)
            assert not any(told), text
            assert test.message in ("", "Think of long lists."), text


@pytest.mark.parametrize(("field", "attack"), _cases(), indirect=["field"], scope="session")
async def test_an_attack_gains_nothing(attack: Attack, field: Field) -> None:
    if attack.needs and importlib.util.find_spec(attack.needs) is None:
        pytest.skip(f"{attack.needs} is not installed")
    if attack.signals and field.level != "full" and os.geteuid() != 0:
        pytest.skip("would signal every process of this user")

    meeting = await field.meet(attack)

    verdict, text = meeting.verdict, to_json(meeting.verdict)
    assert verdict.points <= attack.honest, text
    assert verdict.status != "passed" or attack.honest == verdict.max_points, text
    assert verdict.max_points == len(attack.problem.tests), text
    assert verdict.status != "error", text
    assert len(text.encode()) <= MAX_VERDICT_BYTES
    _refuse_to_learn(meeting, attack)
    assert [failures(neighbour) for neighbour in meeting.neighbours if failures(neighbour)] == []
    assert failures(meeting.later) == []
    assert meeting.later.stdout == ""
    assert not meeting.survivors
    assert not settles(field.not_at_rest)
    assert not settles(ipc_objects)
    assert not left_files()
    taken = meeting.peaks.memory - field.resting_memory
    assert taken < MEMORY, f"{taken >> 20} MB"
    assert meeting.peaks.processes < PROCESSES
    assert meeting.peaks.descriptors < DESCRIPTORS
    assert meeting.cpu_seconds < CPU_SECONDS + CPU_SECONDS_EACH * len(meeting.neighbours)


async def test_no_process_of_a_student_is_left_to_itself(field: Field) -> None:
    assert not settles(orphans)


def test_the_public_list_of_attacks_is_the_list_that_runs() -> None:
    text = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")

    assert text == page(), "write it anew with: make attacks-doc"
