"""The same key many times at once, and the same key for something else."""

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.chaos.students import Acknowledged

if TYPE_CHECKING:
    from tests.chaos.faults import Pace
    from tests.chaos.scene import Scene

CLICKS = 50


async def double_click(scene: "Scene", pace: "Pace") -> None:
    """All answers are 200 or 202 and name one attempt; one of them made it."""
    for _ in range(pace.blows):
        await _many(scene, ["def double(n):\n    return 2 * n\n"] * CLICKS)


async def other_body(scene: "Scene", pace: "Pace") -> None:
    """One of two codes wins the key; every click with the other one gets 409."""
    for _ in range(pace.blows):
        one, other = (f"def double(n):\n    return n * {k}\n" for k in (2, 3))
        await _many(scene, [one, other] * (CLICKS // 2))


async def _many(scene: "Scene", codes: list[str]) -> None:
    """The answers until each is final, written down and judged."""
    student = scene.classroom.students[-1]
    key = str(uuid4())
    answers = await asyncio.gather(*(_final(scene, key, code) for code in codes))
    taken = {answer["id"]: code for (status, answer), code in answered(answers, codes, (200, 202))}
    refused = {code for _, code in answered(answers, codes, (409,))}
    made = [status for status, _ in answers].count(202)
    journal = scene.journal
    if len(taken) != 1 or made > 1 or refused != set(codes) - set(taken.values()):
        journal.wrong.append(f"clicks: {made} made, {len(taken)} attempts, {len(refused)} refused")
    for attempt, code in taken.items():
        entry = Acknowledged(
            student=student.name,
            key=key,
            attempt=attempt,
            problem="double",
            kind="submit",
            code=code,
        )
        journal.write(entry)
        await student.see_verdict(entry, scene.classroom.active)


def answered(
    answers: list[tuple[int, dict[str, str]]], codes: list[str], wanted: tuple[int, ...]
) -> list[tuple[tuple[int, dict[str, str]], str]]:
    return [
        (answer, code) for answer, code in zip(answers, codes, strict=True) if answer[0] in wanted
    ]


async def _final(scene: "Scene", key: str, code: str) -> tuple[int, dict[str, str]]:
    student = scene.classroom.students[-1]
    while True:
        status, answer = await student.post("double", key, "submit", code)
        if status in (200, 202, 409):
            return status, answer
        if status not in (0, 429, 502, 503, 504):
            scene.journal.wrong.append(f"click: {status} {answer}")
        await asyncio.sleep(0.2)
