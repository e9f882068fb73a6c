"""Kernel side: the magics and the panel for people without the JupyterLab extension."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

from pythonmastery_ext.kernelside.magics import PythonMasteryMagics
from pythonmastery_ext.kernelside.page import Page, show
from pythonmastery_ext.kernelside.session import Session

_MAGIC = "pythonmastery"
_QUESTION = f"%{_MAGIC} ask "


def load(shell: InteractiveShell) -> None:
    """Register the magics and say what to type; nothing is asked of a server yet."""
    shell.register_magics(PythonMasteryMagics(shell, Session(shell)))
    shell.input_transformers_cleanup.append(keep_question_marks)
    page = Page()
    page.para(
        "PythonMastery is loaded: %pythonmastery for the panel, %pythonmastery help for more."
    )
    show(page.bundle())


def unload(shell: InteractiveShell) -> None:
    """Close the panel and the connection, and take the magics away."""
    magics = shell.magics_manager.registry.pop(PythonMasteryMagics.__name__, None)
    if isinstance(magics, PythonMasteryMagics):
        magics.close()
    if keep_question_marks in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(keep_question_marks)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_MAGIC, None)


def keep_question_marks(lines: list[str]) -> list[str]:
    """IPython takes a line that ends with `?` for a call of its help; ours is a question."""
    return [
        f"get_ipython().run_line_magic({_MAGIC!r}, {line.strip().partition(' ')[2]!r})\n"
        if line.startswith(_QUESTION) and line.rstrip().endswith("?")
        else line
        for line in lines
    ]
