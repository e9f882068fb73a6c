"""Which shared libraries programs and extension modules need, by what their files say (ELF)."""

from __future__ import annotations

import functools
import mmap
import re
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

#: Loaded by name when they are needed, and named in no file.
_BY_NAME = frozenset(
    {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libresolv.so.2"}
    | {"libutil.so.1", "libgcc_s.so.1", "libnss_files.so.2"}
)
_CONFIGURATION = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
_LINE = re.compile(r"^\s+(\S+) \(.*\) => (\S+)$", re.M)
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS = 1, 5


def libraries(files: Iterable[Path]) -> set[Path]:
    """Those of the system that these files need, as the system's own list of them names them.

    Raises OSError where that list cannot be had.
    """
    known = _known()
    found = {known[name] for name in _BY_NAME if name in known}
    waiting = [*files, *found]
    while waiting:
        for name in needed(waiting.pop()):
            path = Path(name) if name.startswith("/") else known.get(name)
            if path is not None and path not in found and path.exists():
                found.add(path)
                waiting.append(path)
    return found


@functools.cache
def _known() -> dict[str, Path]:
    program = next((path for path in _CONFIGURATION if Path(path).exists()), None)
    if program is None:
        raise OSError("ldconfig is not installed")
    told = subprocess.run([program, "-p"], check=False, capture_output=True, text=True).stdout
    # The first of a name is what the system itself would take.
    return {name: Path(path) for name, path in reversed(_LINE.findall(told))}


def needed(file: Path) -> list[str]:
    """Names in one file, and the path of its program loader; nothing of what is no ELF file."""
    try:
        with (
            file.open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            # 64 bits, little-endian.
            return _names(data) if data[:6] == b"\x7fELF\x02\x01" else []
    except (OSError, struct.error, ValueError, OverflowError, StopIteration):  # no such file
        return []


def _names(data: mmap.mmap) -> list[str]:
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    parts = [_part(data, start + n * size) for n in range(count)]
    found = [_text(data, at) for kind, at, _, _ in parts if kind == _INTERPRETER]
    for kind, at, _, length in parts:
        if kind == _DYNAMIC:
            pairs = list(struct.iter_unpack("<QQ", data[at : at + length - length % 16]))
            strings = next(value for tag, value in pairs if tag == _STRINGS)
            loaded = (part for part in parts if part[0] == _LOAD)
            place = next(o + strings - a for _, o, a, n in loaded if a <= strings < a + n)
            found += [_text(data, place + value) for tag, value in pairs if tag == _NEEDED]
    return found


def _part(data: mmap.mmap, at: int) -> tuple[int, int, int, int]:
    """Of a program header: kind, where it lies in the file and in memory, and its length."""
    kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, at)
    return kind, offset, address, length


def _text(data: mmap.mmap, at: int) -> str:
    return data[at : data.find(b"\0", at)].decode()
