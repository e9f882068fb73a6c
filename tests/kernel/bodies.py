"""Bodies of the API for the counterpart, checked against the wire shapes."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pythonmastery_ext.attempts.schema import AttemptOut
from pythonmastery_ext.curriculum.schema import CourseOut, ProblemOut, ProblemSummary
from pythonmastery_ext.schema import ErrorBody, ErrorOut
from pythonmastery_ext.tutor.schema import TutorDelta, TutorMessageOut
from pythonmastery_ext.wire import WireOut
from tests.counterparts.api import Reply

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def problem(**fields: Any) -> Any:
    out: dict[str, Any] = {
        "slug": "double",
        "title": "Twice as much",
        "section": "first-steps",
        "order": 1,
        "difficulty": 1,
        "minutes": 5,
        "domain": "basics",
        "version": "1.0.0",
        "state": "new",
        "locked": None,
        "best_points": 0,
        "max_points": 3,
        "xp": 10,
        "aided": None,
        "statement": "# Twice as much",
        "context": "",
        "given": "",
        "starter_code": "def double(x):\n    ...",
        "entry": ["double"],
        "allow_imports": [],
        "limits": {"cpu_seconds": 2, "memory_mb": 256, "output_kb": 64},
        "tests": [],
        "hints_total": 0,
        "hints_opened": 0,
        "notebook_path": "PythonMastery/first-steps/double-1.0.0.ipynb",
        "debrief": None,
    }
    return _json(ProblemOut.model_validate(out | fields))


def course(*problems: Any) -> Any:
    fields = set(ProblemSummary.model_fields)
    summaries = [{k: v for k, v in each.items() if k in fields} for each in problems]
    section = {
        "slug": "first-steps",
        "name": "First steps",
        "description": "",
        "order": 1,
        "difficulty_level": "beginner",
        "estimated_hours": 2,
        "prerequisites": [],
        "locked": None,
        "solved": 0,
        "total": len(problems),
    }
    out = {"sections": [section], "problems": summaries, "next": problems[0]["slug"]}
    return _json(CourseOut.model_validate(out))


def attempt(**fields: Any) -> Any:
    out: dict[str, Any] = {
        "id": uuid4(),
        "problem": "double",
        "version": "1.0.0",
        "kind": "submit",
        "status": "passed",
        "reason": None,
        "message": "All of it is right.",
        "points": 3,
        "max_points": 3,
        "hints_used": 0,
        "submitted_at": NOW,
        "graded_at": NOW,
        "code": "def double(x): return 2 * x",
        "tests": [],
        "error": None,
        "stdout": None,
        "execution_time_ms": 1.0,
        "memory_bytes": None,
        "xp_gained": 10,
        "queue_position": None,
    }
    return _json(AttemptOut.model_validate(out | fields))


def message(**fields: Any) -> Any:
    out: dict[str, Any] = {
        "id": uuid4(),
        "problem": "double",
        "message_type": "question",
        "user_message": "Why?",
        "ai_response": "",
        "state": "streaming",
        "source": "gemini",
        "model": "good",
        "context": None,
        "rating": None,
        "processing_time_ms": None,
        "created_at": NOW,
    }
    return _json(TutorMessageOut.model_validate(out | fields))


def event(name: str, data: Any) -> str:
    model = TutorDelta if name == "delta" else TutorMessageOut
    return f"event: {name}\ndata: {model.model_validate(data).model_dump_json()}\n\n"


def refusal(status: int, message: str, retry_after: int | None = None) -> Reply:
    body = ErrorBody(code="starting", message=message, retry_after=retry_after, request_id="r1")
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status, _json(ErrorOut(error=body)), headers)


def _json(model: WireOut) -> Any:
    return model.model_dump(mode="json")
