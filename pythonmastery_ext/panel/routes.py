"""Where each page is, and what the application needs to serve them."""

from re import escape
from typing import Any

from tornado.web import Application

from pythonmastery_ext.config import Settings
from pythonmastery_ext.panel import (
    audit,
    doors,
    features,
    home,
    limits,
    people,
    problems,
    queue,
    requests,
    sessions,
    teach,
    teach_learners,
    teach_regrades,
    teach_searches,
    tutor,
)
from pythonmastery_ext.panel.base import UnknownPage
from pythonmastery_ext.panel.looks import SIGN_IN
from pythonmastery_ext.panel.rendering import STATIC, LookHandler
from pythonmastery_ext.panel.sign_in import HubSignIn, hub_sign_in

#: Pattern below the service → page.
PAGES: list[tuple[str, Any]] = [
    *doors.PAGES,
    *home.PAGES,
    *people.PAGES,
    *queue.PAGES,
    *tutor.PAGES,
    *limits.PAGES,
    *sessions.PAGES,
    *requests.PAGES,
    *problems.PAGES,
    *features.PAGES,
    *audit.PAGES,
    *teach.PAGES,
    *teach_learners.PAGES,
    *teach_searches.PAGES,
    *teach_regrades.PAGES,
]


def add_pages(app: Application, settings: Settings, base_url: str) -> HubSignIn:
    """Puts the pages before what the application has; they need `settings.hub_token`."""
    base_url = f"/{base_url.strip('/')}/".replace("//", "/")
    sign_in = hub_sign_in(settings, base_url)
    app.settings[SIGN_IN] = sign_in
    app.settings["cookie_secret"] = sign_in.secret("cookies").hex()
    secure = bool(sign_in.cookie_options.get("secure", False))
    app.settings["xsrf_cookie_kwargs"] = {"httponly": True, "samesite": "Lax", "secure": secure}
    root = escape(base_url)
    files = [
        (f"{root}static/{place}/(.*)", LookHandler, {"path": str(folder)})
        for place, folder in STATIC.items()
    ]
    pages = [(root + pattern, handler) for pattern, handler in PAGES]
    app.add_handlers(
        ".*",
        [
            *files,
            *pages,
            # Everything but the API and the probes.
            (rf"{root}(?!pythonmastery/|healthz/).*", UnknownPage),
        ],
    )
    return sign_in
