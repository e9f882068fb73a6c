"""Where the clusters of tests lie: in memory, unless there is little of it."""

from pathlib import Path

import pytest

from tests import conftest


@pytest.mark.parametrize(("needed", "in_memory"), [(0, True), (1 << 60, False)])
def test_a_cluster_lies_in_memory_only_where_there_is_enough_of_it(
    needed: int, in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "MEMORY", tmp_path)
    monkeypatch.setattr(conftest, "NEEDED", needed)
    assert conftest.clusters_go_to() == (tmp_path if in_memory else None)


def test_a_system_without_a_place_in_memory_has_its_clusters_in_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "MEMORY", tmp_path / "nothing")
    assert conftest.clusters_go_to() is None
