"""How soon JupyterLab answers when one comes back another day."""

import time
from pathlib import Path

from benchmarks.figures import Figure
from tests.labserver import lab_server

WITHOUT = "--ServerApp.jpserver_extensions=pythonmastery_ext=False"


def second_start(scratch: Path, quick: bool) -> list[Figure]:
    home, turns = scratch / "start", 1 if quick else 5
    with lab_server(home) as server:
        server.wait_ready()
    answered, ready, plain = [], [], []
    for _ in range(turns):
        with lab_server(home) as server:
            began = time.perf_counter()
            server.wait_ready()
            answered.append(server.answered_after * 1000)
            waited = (time.perf_counter() - began) * 1000
            ready.append(answered[-1] + waited)
        with lab_server(home, WITHOUT) as server:
            plain.append(server.answered_after * 1000)
    return [
        Figure("`pythonmastery lab`, JupyterLab answers", answered, "command to first answer"),
        Figure("`pythonmastery lab`, ready to grade", ready, "database, course and grader too"),
        Figure("JupyterLab without PythonMastery", plain, "the same command, our part off"),
    ]
