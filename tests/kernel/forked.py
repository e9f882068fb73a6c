"""Kernels that are forked: what each would import for itself costs more than what is tested.

Run as a program it is the process that they are forked from. It has loaded what other people wrote,
and nothing of ours, which reads the environment: each kernel has its own, and its own folder.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

LOADED = ("httpx", "ipykernel.kernelapp", "ipykernel.zmqshell", "ipywidgets", "mistune", "pydantic")


class Forked:
    """As much of `Popen` as a provisioner needs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self) -> int:
        return 0


class Nursery:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def fork(self, arguments: list[str], cwd: str, environment: dict[str, str]) -> Forked:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([arguments, cwd, environment]) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def provisioner(self, manager: KernelManager) -> LocalProvisioner:
        nursery = self

        class Provisioner(LocalProvisioner):
            async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
                arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
                self.process = nursery.fork(arguments, str(kwargs["cwd"]), kwargs["env"])
                self.pid = self.pgid = self.process.pid
                return self.connection_info

        return Provisioner(kernel_id="forked", kernel_spec=manager.kernel_spec, parent=manager)


@contextmanager
def nursery() -> Iterator[Nursery]:
    # -P: as in a kernel, nothing is imported from the folder of the program.
    words = [sys.executable, "-P", __file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
        yield Nursery(process)
        # At the end of its input it ends.


def serve() -> None:
    for name in LOADED:
        import_module(name)
    # Nobody asks how a kernel has ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            become_a_kernel(*json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def become_a_kernel(arguments: list[str], cwd: str, environment: dict[str, str]) -> NoReturn:
    from ipykernel import kernelapp

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    sys.argv = ["ipykernel_launcher", *arguments]
    kernelapp.launch_new_instance()
    os._exit(0)


if __name__ == "__main__":
    serve()
