"""What must hold between the cells of a problem."""

from pathlib import Path

from pythonmastery_ext.curriculum import unlock
from pythonmastery_ext.curriculum.cells import Cell, ContentError, ProblemContent
from pythonmastery_ext.curriculum.source import compile_fault, defined_names, stub_fault


def check(path: Path, content: ProblemContent) -> None:
    """Raises ContentError for the first rule that is broken."""
    _compiles(path, content)
    _defines(path, content)
    _hints(path, content)
    _references(path, content)


def _compiles(path: Path, content: ProblemContent) -> None:
    if fault := compile_fault(content.given):
        raise ContentError(path, "given", f"the given code does not compile: {fault}")
    cells: list[Cell] = [*content.tests, *content.alternatives, *content.wrongs]
    if content.generator is not None:
        cells.append(content.generator)
    for cell in cells:
        if fault := compile_fault(cell.source):
            raise ContentError(path, cell.key, f"the code does not compile: {fault}")
    if fault := stub_fault(content.solution.source, content.solution.stub):
        raise ContentError(path, content.solution.key, fault)


def _defines(path: Path, content: ProblemContent) -> None:
    entry, generator = content.solution.entry, content.generator
    for cell in (content.solution, *content.alternatives, *content.wrongs):
        if missing := [name for name in entry if name not in defined_names(cell.source)]:
            raise ContentError(path, cell.key, f"the code does not define {', '.join(missing)}")
    if generator is not None and "make_inputs" not in defined_names(generator.source):
        raise ContentError(path, generator.key, "the generator does not define make_inputs(rng)")


def _hints(path: Path, content: ProblemContent) -> None:
    levels = [hint.level for hint in content.hints]
    if levels != list(range(1, len(levels) + 1)):
        found = ", ".join(map(str, levels))
        raise ContentError(path, None, f"hint levels go 1, 2, 3, 4 in this order; found {found}")


def _references(path: Path, content: ProblemContent) -> None:
    """A rule about something that is not there would never hold."""
    tests = {test.key for test in content.tests}
    tags = {*content.misconceptions, *(wrong.misconception for wrong in content.wrongs)}
    for wrong in content.wrongs:
        if unknown := set(wrong.killed_by) - tests:
            raise ContentError(path, wrong.key, f"killed_by: no test {', '.join(sorted(unknown))}")
    for hint in content.hints:
        for leaf in unlock.parse(hint.unlock).leaves():
            match leaf:
                case unlock.TestFailed(key) if key not in tests:
                    raise ContentError(path, hint.key, f"unlock: there is no test '{key}'")
                case unlock.MisconceptionSeen(tag) if tag not in tags:
                    raise ContentError(path, hint.key, f"unlock: no wrong solution shows {tag}")
                case unlock.HintSeen(level) if level >= hint.level:
                    raise ContentError(path, hint.key, f"unlock: hint {level} is not before it")
                case _:
                    pass
