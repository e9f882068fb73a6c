"""All that the API offers: its routes, and the events on a learner's stream."""

from typing import Any

from pythonmastery_ext import status
from pythonmastery_ext.accounts import routes as accounts
from pythonmastery_ext.adaptive import routes as adaptive
from pythonmastery_ext.analytics import routes as analytics
from pythonmastery_ext.attempts import history
from pythonmastery_ext.attempts import routes as attempts
from pythonmastery_ext.attempts.schema import AttemptOut
from pythonmastery_ext.audit import routes as audit
from pythonmastery_ext.audit.stream import Render
from pythonmastery_ext.curriculum import routes as curriculum
from pythonmastery_ext.hints import routes as hints
from pythonmastery_ext.hints import service as hints_service
from pythonmastery_ext.hints.schema import HintsOut
from pythonmastery_ext.hub import routes as hub
from pythonmastery_ext.limits import routes as limits
from pythonmastery_ext.metrics import ROUTES as METRICS_ROUTES
from pythonmastery_ext.privacy import routes as privacy
from pythonmastery_ext.progress import routes as progress
from pythonmastery_ext.progress import standing
from pythonmastery_ext.progress.schema import AchievementOut, ProgressOut
from pythonmastery_ext.tutor import consent_routes as tutor_consent
from pythonmastery_ext.tutor import routes as tutor
from pythonmastery_ext.tutor import search_routes as tutor_search
from pythonmastery_ext.web import Route

#: Kind of a recorded event → how its data is made, and its shape.
EVENTS: dict[str, tuple[Render, type[Any]]] = {
    "attempt.submitted": (history.render, AttemptOut),
    "attempt.graded": (history.render, AttemptOut),
    "hint.opened": (hints_service.render, HintsOut),
    "progress.changed": (standing.render, ProgressOut),
    "achievement.earned": (standing.render_achievement, AchievementOut),
}

ROUTES: list[Route] = [
    *status.ROUTES,
    *accounts.ROUTES,
    *METRICS_ROUTES,
    *curriculum.ROUTES,
    *attempts.ROUTES,
    *hints.ROUTES,
    *progress.ROUTES,
    *adaptive.ROUTES,
    *analytics.ROUTES,
    *tutor.ROUTES,
    *tutor_consent.ROUTES,
    *tutor_search.ROUTES,
    *limits.ROUTES,
    *privacy.ROUTES,
    *hub.ROUTES,
    *audit.routes({kind: shape for kind, (_, shape) in EVENTS.items()}),
]
