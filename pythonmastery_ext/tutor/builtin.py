"""Help without a model: the last error in plain words, and the way to the next hint.

Made only from what the verdict says; it never runs or reads more of the code than its names.
"""

from collections.abc import Callable

from pythonmastery_ext.attempts.schema import ErrorDetail, TestResultOut
from pythonmastery_ext.tutor.context import HintsSeen, SeenVerdict, TutorContext
from pythonmastery_ext.tutor.plain import explain_error, quoted

Reasons = dict[str, str]

#: Words for a run that ended without an exception of the learner's own.
REASONS: Reasons = {
    "timeout": "Your code ran longer than it may. Most often a `while` loop never ends: check "
    "that something in the loop changes its condition. Or a loop inside a loop does far more "
    "work than the task needs.",
    "memory": "Your code used more memory than it may. Look for a list or a text that grows in a "
    "loop which does not end.",
    "output": "Your code printed more than it may. Look for a `print` inside a loop that runs "
    "very often.",
    "crash": "Python itself stopped while your code ran. Very deep recursion or a very large "
    "number does this most often.",
    "refused_import": "Your code imports a module that this problem does not allow. The task can "
    "be solved with the modules that the task names.",
    "internal": "The last run failed on our side, not because of your code. Send it again.",
    "bad_tests": "The tests of this problem are broken, which is not your fault. Tell whoever runs "
    "this course, and go on with another problem meanwhile.",
}


def at_once(context: TutorContext) -> bool:
    """An unchanged syntax error needs no model: the built-in words are better and free."""
    verdict = context.verdict
    return (
        context.message_type == "explanation"
        and not context.message.strip()
        and verdict is not None
        and verdict.reason == "syntax_error"
        and (context.code is None or context.code.strip() == verdict.code.strip())
    )


def explain(context: TutorContext, why: str | None) -> str:
    """Markdown. `why` says that the AI tutor is not available, and for which reason."""
    parts = [f"*{why}*"] if why else []
    parts.append(_situation(context))
    pointer = _hint(context.hints)
    if pointer and not context.solved:
        parts.append(pointer)
    return "\n\n".join(part for part in parts if part)


def _situation(context: TutorContext) -> str:
    verdict = context.verdict
    if context.title is None:
        return "Open a problem to get help with its last run here."
    if verdict is None:
        return (
            "There is no run of yours to explain yet. Write a first version, even a wrong one, "
            "and press **Check**: it runs the sample tests and costs nothing."
        )
    changed = context.code is not None and context.code.strip() != verdict.code.strip()
    note = (
        "Your code has changed since the last run; this is about that run.\n\n" if changed else ""
    )
    return note + _verdict(verdict)


def _verdict(verdict: SeenVerdict) -> str:
    error = verdict.error
    broke = verdict.reason in ("syntax_error", "exception", None)
    if error is not None and broke and not _lacks_name(error):
        return explain_error(error, verdict.code)
    if verdict.reason in REASONS:
        return REASONS[verdict.reason]
    if verdict.failing:
        return _test(verdict.failing[0], verdict)
    if verdict.status == "passed" and verdict.kind == "check":
        return "All sample tests pass. Press **Submit** to run the hidden tests too."
    if verdict.status == "passed":
        return (
            "All tests pass. To go further, read your code aloud: is each name clear, and is "
            "there a step that could be left out?"
        )
    return verdict.message or "Press **Check** to see how your code does now."


def _lacks_name(error: ErrorDetail) -> bool:
    """The tests need a name that nobody defined: no line of the code has gone wrong."""
    return error.type == "NameError" and error.test is not None and not error.traceback


def _test(test: TestResultOut, verdict: SeenVerdict) -> str:
    lines = [f"The first test that does not pass is **{test.name}**."]
    if test.message:
        lines.append(test.message)
    lines += _comparison(test)
    lines.append(_advice(test, verdict))
    return "\n\n".join(line for line in lines if line)


def _comparison(test: TestResultOut) -> list[str]:
    if test.expected is None or test.actual is None:
        return []
    call = [f"- The call: {quoted(test.call)}"] if test.call else []
    told = [f"- Expected: {quoted(test.expected)}", f"- Yours: {quoted(test.actual)}"]
    return ["\n".join(call + told)]


def _advice(test: TestResultOut, verdict: SeenVerdict) -> str:
    for applies, words in ADVICE:
        if applies(test, verdict):
            return words
    if test.visible == "hidden":
        return (
            "This test is hidden, so think about which case its name speaks of, and try that case "
            "in a cell of your own."
        )
    return (
        "Follow this one call through your code by hand, and write down each value as it changes."
    )


def _returns_none(test: TestResultOut, _verdict: SeenVerdict) -> bool:
    return test.actual == "None" and test.expected != "None"


def _prints(test: TestResultOut, verdict: SeenVerdict) -> bool:
    has_print, has_return = "print(" in verdict.code, "return" in verdict.code
    return _returns_none(test, verdict) and has_print and not has_return


def _text_for_number(test: TestResultOut, _verdict: SeenVerdict) -> bool:
    expected, actual = test.expected or "", test.actual or ""
    return expected != actual and expected.strip("'\"") == actual.strip("'\"")


def _timed_out(test: TestResultOut, _verdict: SeenVerdict) -> bool:
    return test.status == "timeout"


ADVICE: tuple[tuple[Callable[[TestResultOut, SeenVerdict], bool], str], ...] = (
    (_timed_out, REASONS["timeout"]),
    (
        _prints,
        "Your function prints its result, but gives nothing back. `print` shows a value to a "
        "person; `return` hands it to the caller, and the test is the caller.",
    ),
    (
        _returns_none,
        "Your function gave back `None`. Python does that when a call reaches the end of a "
        "function, or a `return` without a value. Is there a `return` on every path?",
    ),
    (
        _text_for_number,
        "The two look alike but are of different types: quotation marks mean text. Convert the "
        "value, for example with `int(…)`, `float(…)` or `str(…)`.",
    ),
)


def _hint(hints: HintsSeen) -> str:
    if hints.next_open is not None:
        return f"**Hint {hints.next_open} is open to you**: you find it under Hints."
    if hints.next_unlock:
        return f"The next hint: {hints.next_unlock}"
    if hints.total and len(hints.texts) == hints.total:
        return "All hints of this problem are open to you; read the last one again, slowly."
    return ""
