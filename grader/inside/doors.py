"""A library that lies below closed folders, made reachable."""

from __future__ import annotations

import os
import sys


class Doors:
    """Makes the library reachable for a user who may not enter the folders above it.

    A descriptor of a folder leads straight to it.
    """

    def __init__(self, folders: list[str]) -> None:
        self._open = {folder: os.open(folder, os.O_PATH) for folder in folders}
        self.descriptors = set(self._open.values())

    def path(self, path: str) -> str:
        for folder, number in self._open.items():
            if path == folder or path.startswith(f"{folder}/"):
                return f"/proc/self/fd/{number}{path[len(folder) :]}"
        return path

    def use(self) -> None:
        sys.path[:] = map(self.path, sys.path)
        sys.path_importer_cache.clear()
        for module in list(sys.modules.values()):
            paths = getattr(module, "__path__", None)
            if type(paths) is list:
                paths[:] = map(self.path, paths)
            if type(getattr(module, "__file__", None)) is str:
                module.__file__ = self.path(str(module.__file__))
