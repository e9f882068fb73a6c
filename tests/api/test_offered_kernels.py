"""Which kernels a student's server offers."""

from __future__ import annotations

import httpx

from grader.protocol import KERNEL_NAME
from pythonmastery_ext.app import GRADER_KERNEL
from tests.api import servers
from tests.api.conftest import Stack


def test_the_grader_is_offered_to_whoever_installed_it_and_to_no_student(stack: Stack) -> None:
    header = {"Authorization": f"token {servers.TOKEN}"}
    found = httpx.get(stack.root + "api/kernelspecs", headers=header, timeout=60, trust_env=False)
    names = set(found.json()["kernelspecs"])

    assert KERNEL_NAME == GRADER_KERNEL
    assert "python3" in names
    assert (KERNEL_NAME in names) is (stack.role == "local")
