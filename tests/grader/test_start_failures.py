"""A grader that cannot start says why, and what can be done about it; and starts when it can."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.pool import GraderPool, GraderUnavailable
from grader.protocol import GradeRequest
from pythonmastery_ext.cli import main
from tests.grader.conftest import as_tests
from tests.grader.provisioners import registered

REQUEST = GradeRequest(id="r", code="def f(): return 1", tests=as_tests("assert f() == 1"))
LOCAL = "jupyter_client.provisioning:LocalProvisioner"


async def _why(pool: GraderPool) -> str:
    with pytest.raises(GraderUnavailable) as error:
        await pool.start()
    assert (pool.state, pool.why) == ("broken", str(error.value))
    await pool.close()
    return pool.why


async def test_a_kernel_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    config = {"words": "ImportError: libfoo.so.1 is missing"}
    with registered("failing", "FailingProvisioner"):
        why = await _why(GraderPool(provisioner="failing", provisioner_config=config))
    assert why.endswith("ended while it was starting: ImportError: libfoo.so.1 is missing")


async def test_no_memory_is_told_with_what_to_do() -> None:
    with registered("failing", "FailingProvisioner"):
        why = await _why(GraderPool(provisioner="failing"))
    assert "no memory" in why
    assert "fewer kernels" in why


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    why = await _why(GraderPool(runtime_dir=tmp_path / "file" / "sockets"))
    assert str(tmp_path / "file") in why
    assert "TMPDIR" in why


async def test_a_pool_starts_when_the_cause_is_gone_why_it_or_a_new_kernel_could_not(
    tmp_path: Path,
) -> None:
    pool = GraderPool(runtime_dir=tmp_path, provisioner="late")
    with pytest.raises(GraderUnavailable):
        await pool.start()
    assert (await pool.grade(REQUEST)).reason == "internal"
    with registered("late", LOCAL):
        await pool.start()
        assert (pool.state, (await pool.grade(REQUEST)).status) == ("ready", "passed")
    (kernel,) = pool._all
    await kernel.manager.shutdown_kernel(now=True)
    with pytest.raises(GraderUnavailable, match="'late' is not installed"):
        await pool.grade(REQUEST)
    assert pool.state == "broken"
    with registered("late", LOCAL):
        await pool.start()
        assert (await pool.grade(REQUEST)).status == "passed"
    await pool.close()


def test_the_doctor_tells_it_in_the_same_words(monkeypatch, capsys) -> None:
    monkeypatch.setenv("PYTHONMASTERY_GRADER_PROVISIONER", "of-nobody")
    assert main(["doctor", "--json"]) == 1
    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["grader"]["state"] == "failed"
    assert "'of-nobody' is not installed" in found["grader"]["detail"]
