"""A floor: how long an interpreter takes to fork a process that ends at once.

Run as a program of its own, of the size of a zygote: `python forks.py COUNT MODULE…` prints the
milliseconds of each as JSON.
"""

import gc
import importlib
import json
import os
import sys
import time


def fork_times(count: int) -> list[float]:
    samples = []
    for _ in range(count):
        began = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        samples.append((time.perf_counter() - began) * 1000)
    return samples


def main() -> None:
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    fork_times(10)
    print(json.dumps(fork_times(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
