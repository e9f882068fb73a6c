"""Python's own errors in plain words, with the learner's line."""

import builtins
import keyword
import re
from collections.abc import Callable
from difflib import get_close_matches

from pythonmastery_ext.attempts.schema import ErrorDetail
from pythonmastery_ext.tutor import advice
from pythonmastery_ext.tutor.advice import Rules

WORD = re.compile(r"[^\W\d]\w*")
#: The name that Python's message puts in quotation marks.
QUOTED = re.compile(r"'([^']*)'")
Explain = Callable[[ErrorDetail, str], str]


def explain_error(error: ErrorDetail, code: str) -> str:
    """Markdown: what happened and where, then what it means and where to look."""
    line = _line(error, code)
    where = f" in line {error.line}" if error.line else ""
    message = f": {quoted(error.message)}" if error.message.strip() else ""
    head = f"Python stopped{where} with **{error.type}**{message}"
    shown = f"\n\n```python\n{line}\n```" if line and "```" not in line else ""
    explain = KINDS.get(error.type, _means_one_thing)
    return f"{head}{shown}\n\n{explain(error, code)}"


def quoted(text: str) -> str:
    """As inline code of one line, whatever is in it."""
    flat = " ".join(text.split())[:300]
    ticks = "`" * (2 if "`" in flat else 1)
    pad = " " if "`" in flat else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _line(error: ErrorDetail, code: str) -> str:
    if error.text:
        return error.text.strip("\n")
    lines = code.splitlines()
    return lines[error.line - 1] if error.line and 0 < error.line <= len(lines) else ""


def _name(error: ErrorDetail, code: str) -> str:
    found = QUOTED.search(error.message)
    name = found[1] if found else ""
    if error.type == "UnboundLocalError":
        return (
            f"Inside the function `{name}` is set somewhere, so Python takes it as the function's "
            "own name; it is read here before that has happened. Give it a value first."
        )
    known = set(WORD.findall(code)) | set(dir(builtins))
    known -= {name, *keyword.kwlist}
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    same = [other for other in sorted(known) if other.lower() == name.lower()]
    if match := (same or close):
        return f"Python knows no `{name}` here. Did you mean `{match[0]}`?"
    return (
        f"Python knows no `{name}` here. Is it set on an earlier line that runs, inside this "
        "function? If it should be text, it needs quotation marks."
    )


def _attribute(error: ErrorDetail, code: str) -> str:
    names = QUOTED.findall(error.message)
    if names and names[0] == "NoneType":
        return (
            "The value left of the dot is `None`. Most often a function should have returned "
            "something and has no `return`, or the result of `sort()` or `append()` was stored."
        )
    kind, name = (names[0], names[-1]) if len(names) > 1 else ("", "")
    close = get_close_matches(name, dir(getattr(builtins, kind, object)), n=1, cutoff=0.6)
    guess = f" Did you mean `{close[0]}`?" if close else ""
    return f"A value of type `{kind or 'this'}` has nothing called `{name}`.{guess}"


def _key(error: ErrorDetail, _code: str) -> str:
    return (
        f"The dict has no key `{error.message.strip()[:80].replace('`', '')}`. Look at spelling, "
        "capital letters and type (`'3'` is not `3`). If a key may be missing, ask with `in` "
        "first, or use `.get(…)` with a value for that case."
    )


def _by_rules(rules: Rules) -> Explain:
    def explain(error: ErrorDetail, code: str) -> str:
        words = WORD.findall(_line(error, code))
        named = QUOTED.search(error.message)
        bracket = f"`{named[1]}` " if named and named[1] in "([{" else ""
        text = next(text for pattern, text in rules if re.search(pattern, error.message))
        return text.replace("{first}", words[0] if words else "").replace("{name}", bracket)

    return explain


def _means_one_thing(error: ErrorDetail, _code: str) -> str:
    return advice.ONE.get(error.type, advice.ONE[""])


KINDS: dict[str, Explain] = {
    "SyntaxError": _by_rules(advice.SYNTAX),
    "IndentationError": _by_rules(advice.INDENTATION),
    "TabError": _by_rules(advice.INDENTATION),
    "TypeError": _by_rules(advice.TYPE),
    "ValueError": _by_rules(advice.VALUE),
    "NameError": _name,
    "UnboundLocalError": _name,
    "AttributeError": _attribute,
    "KeyError": _key,
}
