"""Nothing grows, however many submissions of whatever kind: `make soak` in small."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks import soakpage
from benchmarks.soak import HEAD, KINDS, MEMORY_SLACK, Look, Soak, grown
from benchmarks.submissions import kernel_at
from grader.walls import zygotes

#: Where the walls are whole, enough that each kind comes again.
SUBMISSIONS = {"full": 99, "degraded": 66}
LOOKS = 3


@pytest.fixture(scope="module", params=["full", "degraded"])
async def soaked(request: pytest.FixtureRequest) -> AsyncIterator[Soak]:
    async with kernel_at(request.param) as (pool, kernel):
        trial = Soak(pool, kernel)
        await trial.warm_up()
        for _ in range(LOOKS):
            await trial.run(SUBMISSIONS[request.param] // LOOKS)
        yield trial


def test_every_kind_of_submission_turned_out_as_it_has_to(soaked: Soak) -> None:
    usual = {kind.name for kind in KINDS if kind.name != "tables" or zygotes.has_tables()}

    assert set(soaked.kinds) == usual
    assert soaked.kinds.total() - len(usual) == soaked.looks[-1].submissions


def test_memory_descriptors_processes_and_folders_do_not_grow(soaked: Soak) -> None:
    assert grown(soaked.looks) == []


def test_at_rest_there_is_the_same_after_any_submission(soaked: Soak) -> None:
    assert len({(look.processes, look.folders) for look in soaked.looks}) == 1


@pytest.mark.parametrize(
    ("name", "more"), [("memory", 2 * MEMORY_SLACK), ("descriptors", 1), ("processes", 1)]
)
def test_growth_would_be_told(name: str, more: int) -> None:
    looks = []
    for turn in range(6):
        figures = {"memory": 90 << 20, "descriptors": 70, "processes": 9, "folders": 2}
        figures[name] += more * turn
        looks.append(Look(submissions=turn, seconds=turn, **figures))

    assert [text.split()[0] for text in grown(looks)] == [name]


def test_the_page_holds_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soakpage, "PAGE", tmp_path / "soak.md")
    row = Look(1000, 31, 90 << 20, 70, 9, 2).row()

    soakpage.write("full", [HEAD, row], Counter(right=7000, wrong=3000), 7)

    text = (tmp_path / "soak.md").read_text()
    assert f"{HEAD}\n{row}\n" in text
    assert "10,000 submissions" in text
    assert "7,000 right, 3,000 wrong;" in text
