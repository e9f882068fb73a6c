"""The kernelspec of the grader: in a private folder, so that a student's Lab never offers it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import Unicode

from grader.protocol import KERNEL_NAME

DISPLAY_NAME = "PythonMastery grader"


class GraderKernelSpecManager(KernelSpecManager):
    """Knows the grader's kernelspec in its private folder, and no other."""

    folder = Unicode("", help="The folder that holds kernel.json.")

    def find_kernel_specs(self) -> dict[str, str]:
        return {KERNEL_NAME: self.folder}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec.from_resource_dir(self.folder)


def kernelspec(
    mode: list[str],
    language: str = "grade-request",
    provisioner: str = "",
    provisioner_config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The content of kernel.json; `mode` is what `grader.kernel` is told."""
    metadata: dict[str, Any] = {"supported_encryption": "curve"}
    if provisioner:
        metadata["kernel_provisioner"] = {
            "provisioner_name": provisioner,
            "config": provisioner_config or {},
        }
    return {
        "argv": [sys.executable, "-P", "-m", "grader.kernel", *mode, "-f", "{connection_file}"],
        "display_name": DISPLAY_NAME,
        "language": language,
        # By message: a kernel of another user or on another machine gets no signals from us.
        "interrupt_mode": "message",
        "env": {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        "metadata": metadata,
    }


def write_kernelspec(folder: Path, spec: dict[str, Any]) -> GraderKernelSpecManager:
    """Returns the manager that knows the kernelspec in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return GraderKernelSpecManager(folder=str(folder))
