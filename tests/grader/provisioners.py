"""Kernel provisioners for tests: one starts the kernel as another user, one fails."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Integer, Unicode


def python_for(uid: int) -> str | None:
    """An interpreter of our version with which this user can run a grader kernel.

    The folders of the interpreter, of the packages or of the checkout may be closed to them.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    system = shutil.which(version, path="/usr/local/bin:/usr/bin")
    for python in filter(None, (sys.executable, system)):
        try:
            subprocess.run(
                [python, "-c", "import ssl, grader.kernel"],
                user=uid,
                cwd="/",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                check=True,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None


class OtherUserProvisioner(LocalProvisioner):
    uid = Integer(23_456).tag(config=True)
    python = Unicode(sys.executable).tag(config=True)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = await super().pre_launch(**kwargs)
        folder = Path(self.parent.connection_file).parent
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.uid)
        kwargs["cmd"][0] = self.python
        env = kwargs["env"]
        env |= dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR"), str(folder))
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [env["PYTHONPATH"], *sys.path]))
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        return await super().launch_kernel(
            cmd, **kwargs, user=self.uid, group=self.uid, extra_groups=[]
        )


class FailingProvisioner(LocalProvisioner):
    """Starts a kernel that ends at once with these words, or none because memory is short."""

    words = Unicode("").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        if not self.words:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        program = f"import sys; sys.exit('first line\\n' + {self.words!r} + '\\n')"
        return await super().launch_kernel([sys.executable, "-c", program], **kwargs)


@contextmanager
def registered(name: str, kind: str) -> Iterator[None]:
    """As the entry point of an installed package would be."""
    place = kind if ":" in kind else f"{__name__}:{kind}"
    known = KernelProvisionerFactory.instance().provisioners
    before = dict(known)
    known[name] = EntryPoint(name, place, KernelProvisionerFactory.GROUP_NAME)
    try:
        yield
    finally:
        known.clear()
        known.update(before)
