"""PythonMastery inside Jupyter.

Importing this package loads nothing else: Jupyter Server, a kernel and the command line each take
only their own part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the built front end."""
    return [{"src": "labextension", "dest": "pythonmastery"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter Server loads."""
    from pythonmastery_ext.app import PythonMasteryExtension

    return [{"module": "pythonmastery_ext.app", "app": PythonMasteryExtension}]


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """`%load_ext pythonmastery_ext`."""
    from pythonmastery_ext import notebook

    notebook.load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """`%unload_ext pythonmastery_ext`."""
    from pythonmastery_ext import notebook

    notebook.unload(ipython)
