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


class Rules:
    """Read these folders and files and write those, nothing else; worked out before the forks."""

    def __init__(self, readable: list[str], writable: list[str]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._call = self._libc.syscall
        self.version = max(0, int(self._call(_CREATE, None, 0, _VERSION)))
        handled = _FILES.get(self.version, _FILES_NOW)
        self._attributes = struct.pack(
            "<QQQ",
            handled,
            _TCP if self.version >= _NETWORK_SINCE else 0,
            _SCOPED if self.version >= _SCOPE_SINCE else 0,
        )
        new, older, first = 24, 16, 8
        size = older if self.version >= _NETWORK_SINCE else first
        self._size = new if self.version >= _SCOPE_SINCE else size
        self._all = handled & ~_EXECUTE
        wanted = [*((path, _READ) for path in readable), *((path, self._all) for path in writable)]
        self._rights = [(path, rights & _sense(path)) for path, rights in wanted]

    def restrict(self, folders: list[str]) -> None:
        """For good; these folders may be written too. Nothing happens where the version is 0.

        Needs no_new_privs. Raises OSError where the kernel knows Landlock and refuses.
        """
        if self.version == 0:
            return
        ruleset = self._checked(self._call(_CREATE, self._attributes, self._size, 0))
        try:
            for path, rights in self._rights:
                self._allow(ruleset, path, rights)
            for path in folders:
                self._allow(ruleset, path, self._all)
            self._checked(self._call(_RESTRICT_SELF, ruleset, 0))
        finally:
            os.close(ruleset)

    def _allow(self, ruleset: int, path: str, rights: int) -> None:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # what is not there needs no rule
        try:
            rule = struct.pack("<Qi", rights, place)
            self._checked(self._call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
        finally:
            os.close(place)

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"Landlock: {os.strerror(number)}")
        return result


def _sense(path: str) -> int:
    return -1 if os.path.isdir(path) else _ON_FILE  # noqa: PTH112 - one import more
