"""Landlock: which files the process may read and write; no network, no signals to others.

Three system calls that Python has no names for. On a kernel without Landlock nothing happens and
`restrict` says so.
"""

from __future__ import annotations

import ctypes
import os
import struct

_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _READ_FILE | _READ_DIR
#: Rights on files that each version of Landlock knows.
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILES_NOW = (1 << 16) - 1
_TCP = 3
_SCOPED = 3
_NETWORK_SINCE, _SCOPE_SINCE = 4, 6
#: What makes sense for something that is no folder.
_ON_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)


def restrict(readable: list[str], writable: list[str]) -> int:
    """Allow nothing but this, for good; returns the version of Landlock, 0 without any.

    Needs no_new_privs. Raises OSError where the kernel knows Landlock and refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = max(0, int(libc.syscall(_CREATE, None, 0, _VERSION)))
    if version == 0:
        return 0
    handled = _FILES.get(version, _FILES_NOW)
    attributes = struct.pack(
        "<QQQ",
        handled,
        _TCP if version >= _NETWORK_SINCE else 0,
        _SCOPED if version >= _SCOPE_SINCE else 0,
    )
    size = 24 if version >= _SCOPE_SINCE else 16 if version >= _NETWORK_SINCE else 8
    ruleset = _checked(libc, libc.syscall(_CREATE, attributes, size, 0))
    try:
        for paths, rights in ((readable, _READ), (writable, handled & ~_EXECUTE)):
            for path in paths:
                _allow(libc, ruleset, path, rights & handled)
        _checked(libc, libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return version


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib would be one import more
            rights &= _ON_FILE
        rule = struct.pack("<Qi", rights, place)
        _checked(libc, libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    finally:
        os.close(place)


def _checked(libc: ctypes.CDLL, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return int(result)
