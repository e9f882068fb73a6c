"""Every act is recorded, and nothing that is recorded says who somebody is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pythonmastery_ext
from pythonmastery_ext.api import ROUTES
from pythonmastery_ext.openapi import document
from pythonmastery_ext.web import WRITING

#: Kind → what its data may say beside actor, learner and target. The log outlives the account, so
#: there are numbers, slugs and choices here, and no name, address or free text of a person.
KINDS = {
    "achievement.earned": {"at", "problem", "section", "tries"},
    "attempt.graded": {
        *("after", "before", "points", "regrade", "solved", "status", "tries", "xp"),
    },
    "attempt.regraded": {"after", "before", "regrade"},
    "attempt.submitted": {"kind", "problem"},
    "counters.recomputed": set(),
    "course.loaded": {"added", "retired", "updated"},
    "data.archived": {"rows", "sha256"},
    "data.attached": {"rows", "sha256"},
    "data.backed_up": set(),
    "data.erased": {"rows", "sha256"},
    "data.restored": {"ended_sessions"},
    "feature.changed": {"amount", "enabled"},
    "hint.opened": {"order", "version"},
    "keys.rotated": {"key", "values"},
    "learner.viewed": set(),
    "limit.reset": {"action"},
    "panel.refused": {"needed"},
    "panel.signed_in": set(),
    "panel.signed_out": set(),
    "privacy.erasure.begun": set(),
    "privacy.erasure.cancelled": set(),
    "privacy.erasure.done": set(),
    "privacy.erasure.requested": set(),
    "privacy.export.fetched": set(),
    "privacy.export.requested": set(),
    "privacy.exported": set(),
    "problem.opened": set(),
    "problem.restored": set(),
    "problem.withheld": set(),
    "profile.changed": {"fields"},
    "progress.changed": {"solved", "xp"},
    "regrade.ordered": {"dry", "total"},
    "role.changed": {"from", "to"},
    "schema.changed": {"from"},
    "service.started": {"rules", "role", "version"},
    "session.created": {"expires_at", "kind", "scopes"},
    "session.revoked": {"kind"},
    "tutor.answered": {"model", "source", "state"},
    "tutor.asked": {"message_type", "problem"},
    "tutor.consent": {"agreed", "version"},
    "tutor.rated": {"rating"},
    "user.created": set(),
    "user.renamed": set(),
    "user.suspended": set(),
    "user.unsuspended": set(),
}
#: What a kind looks like, also where it goes through a helper of its noun.
NOUNS = {kind.partition(".")[0] for kind in KINDS}
FORM = re.compile(rf"({'|'.join(NOUNS)})(\.[a-z_]+){{1,2}}")
SOURCES = sorted(Path(pythonmastery_ext.__file__).parent.rglob("*.py"))


def records() -> Iterator[tuple[str, ast.Call]]:
    """Each call of audit.record, and where it is."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                yield f"{source.name}:{node.lineno}", node


def test_every_operation_that_writes_says_what_it_records():
    for path, operations in document(ROUTES, "1")["paths"].items():
        for method, operation in operations.items():
            if method.upper() in WRITING:
                assert operation.get("x-audit"), (method, path)


def test_every_kind_that_is_recorded_or_promised_is_known():
    operations = (operation for route in ROUTES for operation in route.operations)
    said = {kind for operation in operations for kind in operation.records}
    written = {
        node.value
        for source in SOURCES
        if "import service as audit" in (program := source.read_text())
        or source.match("audit/service.py")
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and FORM.fullmatch(node.value)
    }
    assert said | written == KINDS.keys()


def test_what_a_record_says_is_on_the_list_of_its_kind():
    for place, node in records():
        data = next(word.value for word in node.keywords if word.arg in ("data", None))
        if not (isinstance(node.args[1], ast.Constant) and isinstance(data, ast.Dict)):
            continue
        said = {key.value for key in data.keys if isinstance(key, ast.Constant)}
        assert said <= KINDS[str(node.args[1].value)], place
