"""What a hidden test hands in reaches no other submission by what all of them share."""

from __future__ import annotations

import asyncio

import pytest

from grader.protocol import Limits
from tests.grader.attacks.problems import ARGUMENT, TOTAL
from tests.grader.field import EASY, Field

_BITS = 26
#: Files of the library that no import has read.
_FILES = """
import glob, os, time
files = sorted(glob.glob(os.path.dirname(os.__file__) + "/encodings/*.py"))[-26:]
"""
#: A page that is thrown out has to be read from the disk again.
_THROWS_OUT = f"""{_FILES}
def total(rows):
    for bit, name in enumerate(files if rows and rows[0] > 1000 else []):
        file = os.open(name, os.O_RDONLY)
        os.pread(file, 4096, 0)
        if not rows[0] >> bit & 1:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)
    return sum(rows)
"""
_TAKES_THE_TIME = f"""{_FILES}
def total(rows):
    found = 0
    for bit, name in enumerate(files):
        file = os.open(name, os.O_RDONLY)
        start = time.perf_counter_ns()
        os.pread(file, 4096, 0)
        found |= (time.perf_counter_ns() - start < 20000) << bit
        os.close(file)
    print(found)
    return sum(rows)
"""
#: Who waits at a place of a file that all can read can be woken by everybody.
_PLACES = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
def mapped(name):
    file = os.open(os.path.join(os.path.dirname(os.__file__), name), os.O_RDONLY)
    return libc.mmap(None, ctypes.c_size_t(98304), 1, 1, file, ctypes.c_long(0))
def futex(place, *how): return libc.syscall(202, ctypes.c_void_p(place), *how)
class Seconds(ctypes.Structure): _fields_ = [("whole", ctypes.c_long), ("rest", ctypes.c_long)]
names = ("_pydecimal.py", "typing.py")
"""
_WAITS = f"""{_PLACES}
def wait(name, number):
    place = mapped(name) + 4 * number
    value = ctypes.c_int.from_address(place).value
    futex(place, 0, value, ctypes.byref(Seconds(1, 0)))
def total(rows):
    if rows and rows[0] > 1000:
        both = zip(names, (rows[0] & 8191, rows[0] >> 13))
        threads = [threading.Thread(target=wait, args=pair) for pair in both]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    return sum(rows)
"""
_WAKES = f"""{_PLACES}
def total(rows):
    found, end = {{}}, time.monotonic() + 1
    places = {{name: mapped(name) for name in names}} if rows == [1, 2] else {{}}
    while len(found) < len(places) and time.monotonic() < end:
        for name, start in places.items():
            found |= {{name: n for n in range(8192) if futex(start + 4 * n, 1, 1) > 0}}
    print(found and found.get(names[0], 0) | found.get(names[1], 0) << 13)
    return sum(rows)
"""
#: A name that somebody has asked for is known not to be there, and the answer comes sooner.
_NAMES = """
import os, time
places = [os.path.dirname(os.__file__) + "/json", os.path.dirname(os.__file__), "/agent/grader",
          "/usr/lib/" + next(n for n in os.listdir("/usr/lib") if n.endswith("-gnu")), "/dev"]
def names(place, bit): return [f"{place}/{number}-{bit}-{ROUND}" for number in range(16)]
def duration(name):
    start = time.perf_counter_ns()
    os.access(name, os.F_OK)
    return time.perf_counter_ns() - start
"""
_ASKS_FOR_NAMES = f"""{_NAMES}
def total(rows):
    for bit in range(26 if rows and rows[0] > 1000 else 0):
        for place in places:
            for name in names(place, bit) if rows[0] >> bit & 1 else ():
                os.access(name, os.F_OK)
    return sum(rows)
"""
_TAKES_THE_TIME_OF_NAMES = f"""{_NAMES}
def total(rows):
    for place in places if rows == [1, 2] else ():
        took = [sorted(map(duration, names(place, bit)))[8] for bit in range(26)]
        middle = (min(took) + max(took)) / 2
        print(sum((each < middle) << bit for bit, each in enumerate(took)))
    return sum(rows)
"""
_LONG = Limits(cpu_seconds=4, wall_seconds=9, processes=8)


async def test_which_pages_are_in_memory_tells_the_next_submission_nothing(field: Field) -> None:
    for _ in range(3):
        left = await field.grade(_THROWS_OUT, TOTAL, EASY)
        found = await field.grade(_TAKES_THE_TIME, TOTAL, EASY)

        assert (left.status, found.status) == ("passed", "passed")
        assert int(found.tests[0].stdout) & (1 << _BITS) - 1 != ARGUMENT


async def test_which_names_were_asked_for_tells_the_next_submission_nothing(field: Field) -> None:
    if field.level != "full":
        pytest.skip("without namespaces of its own a process sees the disks of the machine")
    for number in range(3):
        codes = [
            f"ROUND = {number}\n{code}" for code in (_ASKS_FOR_NAMES, _TAKES_THE_TIME_OF_NAMES)
        ]
        verdicts = [await field.grade(code, TOTAL, EASY) for code in codes]

        assert [verdict.status for verdict in verdicts] == ["passed", "passed"]
        assert str(ARGUMENT) not in verdicts[1].tests[0].stdout.split()


async def test_who_waits_where_tells_another_submission_nothing(field: Field) -> None:
    waits, wakes = await asyncio.gather(
        field.grade(_WAITS, TOTAL, _LONG), field.grade(_WAKES, TOTAL, _LONG)
    )

    assert (waits.status, wakes.status) == ("passed", "passed")
    assert str(ARGUMENT) not in wakes.tests[0].stdout


async def test_which_files_there_are_is_told_to_nobody(field: Field) -> None:
    """By a moment whose time zone is a file; pandas would open it where the tests run."""
    pytest.importorskip("pandas")
    code = """
import os, struct, sys, pandas
msgpack = sys.modules["msgpack"]
def total(rows):
    body = msgpack.packb(["2020-01-01", "dateutil/FILE"])
    data = msgpack.packb(["ok", msgpack.ExtType(70, body), None, {}])
    os.write(3, struct.pack("<I", len(data)) + data)
"""
    told = [
        await field.grade(code.replace("FILE", name), TOTAL, EASY)
        for name in ("/etc/passwd", "/etc/nothing-of-this-name")
    ]

    assert told[0].points == told[1].points == 0
    first, second = ([(t.status, t.message) for t in verdict.tests] for verdict in told)
    assert first == second
