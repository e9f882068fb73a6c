"""Which kernels a student's server offers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from grader.protocol import KERNEL_NAME
from pythonmastery_ext.app import GRADER_KERNEL
from pythonmastery_ext.cli import main
from tests.api import servers
from tests.api.course import make_course
from tests.ports import free_port


@pytest.mark.parametrize("role", ["relay", "local"])
def test_the_grader_is_offered_to_whoever_installed_it_and_to_no_student(
    role: str, tmp_path: Path, database_url: str
) -> None:
    assert main(["grader", "install", "--prefix", str(tmp_path)]) == 0
    environment = {
        "JUPYTER_PATH": str(tmp_path / "share" / "jupyter"),
        "PYTHONMASTERY_ROLE": role,
        "PYTHONMASTERY_DATABASE_URL": database_url.replace("+psycopg", ""),
        "PYTHONMASTERY_COURSE_DIR": str(make_course(tmp_path / "course")),
        "PYTHONMASTERY_AUTHORITY_URL": f"http://127.0.0.1:{free_port()}",
        "JUPYTERHUB_API_TOKEN": "token" if role == "relay" else "",
        "PYTHONMASTERY_WORKER": "false",
    }
    with servers.jupyter(tmp_path / "log", environment) as root:
        header = {"Authorization": f"token {servers.TOKEN}"}
        found = httpx.get(root + "api/kernelspecs", headers=header, timeout=60, trust_env=False)
    names = set(found.json()["kernelspecs"])

    assert KERNEL_NAME == GRADER_KERNEL
    assert "python3" in names
    assert (KERNEL_NAME in names) is (role == "local")
