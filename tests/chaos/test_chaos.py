"""The short form of `make chaos`: every fault once, on a whole installation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.faults import FAULTS

#: Seconds; ten times what recovery may take on a machine of its own.
GENEROUS = 100.0

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """In a process of its own, which adopts what loses its parent and finds it at the end."""
    folder = tmp_path_factory.mktemp("chaos")
    words = [sys.executable, "-m", "tests.chaos", "--short", "--json", str(folder / "report")]
    done = subprocess.run(
        words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert (folder / "report").exists(), done.stdout + done.stderr
    sys.stdout.write(done.stdout)
    found: dict[str, Any] = json.loads((folder / "report").read_text())
    return found


def test_every_acknowledged_submission_is_there_once_with_one_verdict_whatever_breaks(report):
    assert report["wrong"] == []
    assert report["acknowledged"] >= 100
    assert all(row["lost"] == row["double"] == row["faulted"] == 0 for row in report["rows"])


def test_the_service_comes_back_by_itself_after_every_fault(report):
    for row in report["rows"]:
        if not row["left_out"]:
            assert row["next_ack"] is not None, row
            assert row["next_ack"] < GENEROUS, row
            assert row["next_verdict"] is not None, row
            assert row["next_verdict"] < GENEROUS, row


def test_no_fault_of_the_list_is_forgotten(report):
    assert [row["fault"] for row in report["rows"]] == [
        fault.name for fault in FAULTS if fault.brief
    ]
    assert sum(bool(row["left_out"]) for row in report["rows"]) <= 2
