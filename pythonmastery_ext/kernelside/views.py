"""Wire shapes as pages."""

from __future__ import annotations

from datetime import datetime

from pythonmastery_ext.attempts.schema import AttemptOut, TestResultOut
from pythonmastery_ext.curriculum.schema import CourseOut, ProblemOut
from pythonmastery_ext.hints.schema import HintOut, HintsOut
from pythonmastery_ext.kernelside import lines
from pythonmastery_ext.kernelside.answer import Answer
from pythonmastery_ext.kernelside.page import Page
from pythonmastery_ext.tutor.schema import ConsentOut, TutorMessageOut

_STATUS = {
    "waiting": "Waiting to be graded",
    "passed": "✓ Passed",
    "partial": "Partly right",
    "failed": "✗ Not passed yet",
    "timeout": "Took too long",
    "error": "Could not be run",
}
_REASON = {
    "syntax_error": "Syntax error",
    "exception": "Your code raised an error",
    "crash": "Python itself crashed",
    "memory": "Used too much memory",
    "timeout": "Took too long",
    "refused_import": "An import is not allowed here",
    "output": "Printed too much",
    "internal": "Our fault, not yours",
    "bad_tests": "Our fault, not yours",
}
_RESULT = {
    "passed": "✓ passed",
    "failed": "✗ failed",
    "error": "✗ error",
    "timeout": "✗ took too long",
    "not_run": "not run",
}
_CONSENT = {
    None: "Say %pythonmastery tutor yes or %pythonmastery tutor no.",
    True: "You have agreed; %pythonmastery tutor no takes it back.",
    False: "You have not agreed, so built-in help answers; %pythonmastery tutor yes changes that.",
}
_STATE = {"locked": "locked", "new": "", "started": "started", "solved": "✓ solved"}
_TUTOR_STATE = {
    "streaming": "The answer is still being written.",
    "cut": "The answer was cut off here.",
    "blocked": "The tutor's service blocked this answer.",
    "failed": "The tutor could not answer.",
}


def course(out: CourseOut) -> Page:
    page = Page()
    for section in sorted(out.sections, key=lambda section: section.order):
        page.heading(f"{section.name} ({section.solved} of {section.total} solved)")
        if section.locked:
            page.para(section.locked)
        problems = [problem for problem in out.problems if problem.section == section.slug]
        page.items(
            f"{problem.slug}: {problem.title}"
            + (f" ({_STATE[problem.state]})" if _STATE[problem.state] else "")
            + (", next for you" if problem.slug == out.next else "")
            for problem in sorted(problems, key=lambda problem: problem.order)
        )
    return page


def task(out: ProblemOut) -> Page:
    page = Page()
    page.markdown(out.statement)
    page.para(f"Difficulty {out.difficulty} of 10, about {out.minutes} minutes.")
    if out.context:
        page.markdown(out.context)
    if out.given:
        page.code("Given, already imported for you:", out.given)
    page.code(f"Start from this; it has to define {_names(out.entry)}:", out.starter_code)
    for test in out.tests:
        if test.source:
            page.code(f"Sample test “{test.name}”:", test.source)
    hidden = [test.name for test in out.tests if test.visible == "hidden"]
    if hidden:
        page.para("Submit runs these tests too:")
        page.items(hidden)
    if out.debrief:
        page.markdown(out.debrief)
    return page


def attempt(out: AttemptOut) -> Page:
    page = Page()
    reason = _REASON.get(out.reason or "") if out.status in {"error", "timeout", "failed"} else None
    what = "Check" if out.kind == "check" else "Submit"
    page.heading(f"{what}: {reason or _STATUS[out.status]}")
    if out.message:
        page.para(out.message)
    if out.status == "waiting":
        page.para(waiting(out))
        return page
    if out.tests:
        page.para(_counts(out))
    if out.xp_gained:
        page.para(f"You gained {out.xp_gained} XP.")
    if out.error:
        _error(page, out)
    _tests(page, out.tests)
    if out.stdout:
        page.folded("What your code printed", out.stdout)
    return page


def waiting(out: AttemptOut) -> str:
    if out.queue_position:
        return f"Your code was received; {out.queue_position} will be graded before it."
    return "Your code was received and is being graded."


def hints(out: HintsOut) -> Page:
    page = Page()
    if not out.hints:
        page.para("This problem has no hints.")
    for hint in sorted(out.hints, key=lambda hint: hint.order):
        page.heading(f"Hint {hint.order} ({hint.kind}): {hint.state}")
        if hint.text:
            page.markdown(hint.text)
            page.links(hint.links)
        elif hint.state == "locked":
            page.para(_opens(hint))
        else:
            page.para(f"Open it with its button or with %pythonmastery hint {hint.order}.")
    return page


def tutor(messages: list[TutorMessageOut]) -> Page:
    """A conversation, oldest first."""
    page = Page()
    if not messages:
        page.para("Ask about the task, your code or a message that you do not understand.")
    for message in messages:
        page.heading("You")
        page.para(message.user_message or f"({message.message_type.replace('_', ' ')})")
        page.heading("Tutor" if message.source == "gemini" else "Tutor (built in, without AI)")
        page.markdown(message.ai_response)
        if message.state in _TUTOR_STATE:
            page.para(_TUTOR_STATE[message.state])
        if message.rating:
            page.para(f"You rated this {message.rating} of 5.")
    return page


def consent(asked: ConsentOut) -> Page:
    page = Page()
    if not asked.needed:
        page.para("There is no AI here: questions are answered by built-in help.")
        return page
    page.heading(f"May your questions be sent to {asked.to}?")
    page.para("With each question this is sent: " + "; ".join(asked.sent) + ".")
    page.para("Never: " + "; ".join(asked.never_sent) + ".")
    page.para(_CONSENT[asked.agreed])
    return page


def sending(answer: Answer) -> Page:
    page = Page()
    where = f"cell [{answer.cell}]" if answer.cell else "this cell"
    page.code(f"Check and Submit send {where} as you last ran it:", answer.code)
    return page


def sentence(text: str, *, alert: bool = False) -> Page:
    page = Page()
    (page.alert if alert else page.para)(text)
    return page


def _names(entry: list[str]) -> str:
    return " and ".join(entry) or "the answer"


def _counts(out: AttemptOut) -> str:
    parts = []
    for visible in ("sample", "hidden"):
        of_kind = [test for test in out.tests if test.visible == visible]
        if of_kind:
            passed = sum(test.status == "passed" for test in of_kind)
            parts.append(f"{visible} tests {passed}/{len(of_kind)}")
    line = ", ".join(parts).capitalize()
    if out.kind == "check":
        return f"{line}. Only the sample tests were run; Submit runs all."
    return f"{line}. {out.points or 0} of {out.max_points or 0} points."


def _error(page: Page, out: AttemptOut) -> None:
    if out.error is None:
        return
    error = out.error
    line = f" in line {error.line}" if error.line else ""
    page.code(f"{error.type}{line}: {error.message}", lines.source(error))
    if error.values:
        values = "\n".join(f"{each.name} = {each.value}" for each in error.values)
        page.folded("Your variables at that moment", values)
    if error.traceback:
        page.folded("Python's own message", error.traceback)


def _tests(page: Page, tests: list[TestResultOut]) -> None:
    """The first failure in full, each other one as a line: one thing at a time."""
    first = next((test for test in tests if test.status not in {"passed", "not_run"}), None)
    if first is not None:
        page.heading(f"First to look at: {first.name}")
        if first.message:
            page.para(first.message)
        values = (("Call", first.call), ("Expected", first.expected), ("Yours", first.actual))
        for label, value in values:
            if value is not None:
                page.code(f"{label}:", value)
        if first.difference:
            page.items(map(lines.part, first.difference))
        if first.line:
            page.para(f"Line {first.line} of your code.")
        if first.stdout:
            page.folded("Printed during this test", first.stdout)
    page.items(
        f"{_RESULT[test.status]}: {test.name} ({test.visible}, {test.points}/{test.max_points})"
        + lines.cost(test)
        + (f". {test.message}" if test.message and test is not first else "")
        for test in tests
    )


def _opens(hint: HintOut) -> str:
    told = hint.unlock or "It is not open yet."
    if hint.opens_at is None:
        return told
    return f"{told} The clock opens it at {_local_time(hint.opens_at)}."


def _local_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M")
