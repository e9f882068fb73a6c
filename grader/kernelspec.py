"""The kernelspec of the grader: in a private folder, so that a student's Lab never offers it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import Unicode

from grader.protocol import KERNEL_NAME
from grader.sandbox import Walls


class GraderKernelSpecManager(KernelSpecManager):
    """Knows the grader's kernelspec in its private folder, and no other."""

    folder = Unicode("", help="The folder that holds kernel.json.")

    def find_kernel_specs(self) -> dict[str, str]:
        return {KERNEL_NAME: self.folder}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec.from_resource_dir(self.folder)


def write_kernelspec(folder: Path, walls: Walls) -> GraderKernelSpecManager:
    """Write kernel.json for a kernel with these walls; returns the manager that knows it."""
    folder.mkdir(parents=True, exist_ok=True)
    drop = "drop" if walls.drop else "stay"
    spec = {
        "argv": [
            sys.executable,
            *("-P", "-m", "grader.kernel"),
            *(walls.level, drop, "-f", "{connection_file}"),
        ],
        "display_name": "PythonMastery grader",
        "language": "grade-request",
        "interrupt_mode": "signal",
        "env": {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return GraderKernelSpecManager(folder=str(folder))
