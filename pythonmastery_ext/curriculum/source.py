"""Python source as text: does it compile, what does it define, and the part a student gets."""

import ast
import textwrap
import warnings

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


def compile_fault(source: str) -> str | None:
    """Why the source does not compile, in one line; None if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<cell>", "exec", dont_inherit=True)
    except SyntaxError as e:
        return f"line {e.lineno}: {e.msg}"
    except (ValueError, RecursionError, MemoryError, OverflowError) as e:
        return str(e) or type(e).__name__
    return None


def defined_names(source: str) -> list[str]:
    """Names that the top level binds by def, class or assignment; empty if it does not compile."""
    if compile_fault(source):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = ast.parse(source).body
    names: list[str] = []
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.append(node.name)
            case ast.Assign(targets=targets):
                names += [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                names.append(name)
            case _:
                pass
    return list(dict.fromkeys(names))


def stub_fault(source: str, stub: str) -> str | None:
    begins, ends = _lines_with(source, BEGIN), _lines_with(source, END)
    if not begins or len(begins) != len(ends):
        return f"the solution needs a line '{BEGIN}' and after it a line '{END}'"
    if any(begin >= end for begin, end in zip(begins, ends, strict=True)) or any(
        end >= begin for end, begin in zip(ends, begins[1:], strict=False)
    ):
        return f"'{BEGIN}' and '{END}' are not in pairs"
    if fault := compile_fault(with_stub(source, stub)):
        return f"the student's version of the cell does not compile: {fault}"
    return None


def with_stub(source: str, stub: str) -> str:
    """The cell as a student gets it: the stub, indented alike, for each solution part."""
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(textwrap.indent(stub, indent))
        elif line.strip() == END:
            inside = False
        elif not inside:
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


def solution_part(source: str) -> str:
    """What only the author may see of the solution cell."""
    lines = source.splitlines()
    pairs = zip(_lines_with(source, BEGIN), _lines_with(source, END), strict=True)
    return "\n".join(line for begin, end in pairs for line in lines[begin + 1 : end])


def _lines_with(source: str, marker: str) -> list[int]:
    return [n for n, line in enumerate(source.splitlines()) if line.strip() == marker]
