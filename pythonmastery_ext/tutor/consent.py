"""Whether a learner's questions may go to Gemini: asked once, kept with the text that was shown.

Without a yes nothing of theirs is sent; with a no the built-in help answers.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pythonmastery_ext.audit import service as audit
from pythonmastery_ext.errors import InvalidFields
from pythonmastery_ext.tutor.models import AIConsent
from pythonmastery_ext.tutor.schema import ConsentOut

#: Of the text below: a change that says more is sent, or to somebody else, is asked anew.
VERSION = "2026-11"
TO = "Google (Gemini API)"
SENT = (
    "your question, and what you and the tutor wrote before about the same problem",
    "the task, and the code in your answer cell",
    "your last result: tests, messages and errors as you see them",
    "the hints that you have opened",
)
NEVER_SENT = (
    "your name, user name or e-mail address",
    "hidden tests and the solution",
    "your other notebooks and files",
)


async def decision(db: AsyncSession, learner: int) -> bool | None:
    """None until the learner has answered the question in its present form."""
    found = await _newest(db, learner)
    return found.agreed if found is not None and found.version == VERSION else None


async def shown(db: AsyncSession, learner: int, *, needed: bool) -> ConsentOut:
    found = await _newest(db, learner)
    current = found is not None and found.version == VERSION
    return ConsentOut(
        needed=needed,
        version=VERSION,
        to=TO,
        sent=list(SENT),
        never_sent=list(NEVER_SENT),
        agreed=found.agreed if found is not None and current else None,
        decided_at=found.decided_at if found is not None and current else None,
    )


async def decide(db: AsyncSession, learner: int, version: str, *, agreed: bool) -> None:
    """Each answer is a row of its own, so it can be shown later what was agreed to, and when."""
    if version != VERSION:
        raise InvalidFields(
            fields=[{"field": "version", "message": f"is {VERSION}: the text has changed since"}]
        )
    await audit.lock(db, learner)
    if await decision(db, learner) is agreed:
        return
    db.add(AIConsent(user_id=learner, version=version, agreed=agreed))
    await audit.record(
        db,
        "tutor.consent",
        actor=learner,
        learner=learner,
        target="tutor/consent",
        data={"version": version, "agreed": agreed},
        streamed=False,
    )


async def _newest(db: AsyncSession, learner: int) -> AIConsent | None:
    found: AIConsent | None = await db.scalar(
        select(AIConsent).where(AIConsent.user_id == learner).order_by(AIConsent.id.desc()).limit(1)
    )
    return found
