"""How much the tests' side of one submission may use: a little more than the student's own side.

A value that a student chooses can make a test work for ever: `'ab' * f()`, `sum(f())`.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

from grader.protocol import GradeRequest

#: Of the processor time and the memory that the student's code may use.
TIMES = 2
_SPARE_SECONDS = 1
_LEAST_MEMORY = 512 << 20
#: Of published suites: some start a thousand threads.
_LEAST_MEMORY_OPEN = 2 << 30
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(request: GradeRequest) -> int:
    """Of all the runs of a submission. Recording works without a student."""
    if request.record:
        return math.ceil(request.longest_seconds) + _SPARE_SECONDS
    return math.ceil(TIMES * request.limits.cpu_seconds * request.runs) + _SPARE_SECONDS


def memory_bytes(request: GradeRequest) -> int:
    """Beyond what this process had mapped before it knew the submission."""
    least = _LEAST_MEMORY_OPEN if request.open_tests else _LEAST_MEMORY
    return max(least, TIMES * request.limits.memory_mb << 20)


def impose(request: GradeRequest, late: Callable[..., Any], *, lasting: bool = False) -> None:
    """`late` is called at the end of the processor time; soon after it the process is killed.

    What works in C for long does not come to call it. lasting: for this submission only, so not by
    hard limits; what the process has used before is not counted.
    """
    cpu = cpu_seconds(request)
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - run for each submission
        mapped = int(file.read().split()[0]) * _PAGE
    _lower(resource.RLIMIT_CORE, 0, 0)
    _lower(resource.RLIMIT_AS, mapped + memory_bytes(request), resource.RLIM_INFINITY)
    signal.signal(signal.SIGPROF, late)
    if lasting:
        renew(request)
        return
    # At the first of the two by SIGXCPU, which tells whoever waits for it why it has ended.
    _lower(resource.RLIMIT_CPU, cpu + _SPARE_SECONDS, cpu + 2 * _SPARE_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, cpu)


def renew(request: GradeRequest) -> None:
    """The processor time, for another submission to the same suite; its memory is bounded still."""
    cpu = cpu_seconds(request)
    used = math.ceil(time.process_time())
    _lower(resource.RLIMIT_CPU, cpu + _SPARE_SECONDS + used, resource.RLIM_INFINITY)
    signal.setitimer(signal.ITIMER_PROF, cpu)


def _lower(what: int, soft: int, hard: int) -> None:
    before = resource.getrlimit(what)[1]
    if before == resource.RLIM_INFINITY or before > soft:
        resource.setrlimit(what, (soft, hard if before == resource.RLIM_INFINITY else before))
