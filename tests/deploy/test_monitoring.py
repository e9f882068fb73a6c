"""Alerts and scaling name figures that there are."""

import re
from types import SimpleNamespace

from prometheus_client.parser import text_string_to_metric_families

from pythonmastery_ext.api import ROUTES
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.grading import queue
from pythonmastery_ext.health import LIVE, READY
from pythonmastery_ext.metrics import Metrics
from pythonmastery_ext.web import PREFIX
from tests.deploy import manifests

NAME = re.compile(r"pythonmastery_[a-z_]+")


def expressions() -> list[str]:
    found = [text for one in manifests.objects() for key in ("expr", "query")
             for text in manifests.everywhere(one, key)]  # fmt: skip
    assert len(found) > 10
    return found


async def test_every_figure_that_an_alert_names_is_told(db: Database):
    exposition = await Metrics(ROUTES).exposition(SimpleNamespace(db=db))
    families = list(text_string_to_metric_families(exposition.decode()))
    told = {family.name for family in families} | {
        f"{family.name}{ending}"
        for family in families
        for ending in {"histogram": ("_bucket", "_count"), "counter": ("_total",)}.get(
            family.type, ("",)
        )
    }
    for expression in expressions():
        assert set(NAME.findall(expression)) <= told, expression


def test_the_routes_and_tasks_that_an_alert_names_are_there():
    routes = {route.path for route in ROUTES}
    for expression in expressions():
        assert set(re.findall(r'route="([^"]+)"', expression)) <= routes
        assert set(re.findall(r'task="([^"]+)"', expression)) <= {queue.TASK, queue.REGRADE}


def test_a_figure_that_every_replica_tells_is_not_added_up():
    own = ("pythonmastery_http", "pythonmastery_pool", "pythonmastery_cache")
    for expression in expressions():
        names = NAME.findall(expression)
        if not all(name.startswith(own) for name in names):
            assert expression.startswith(("max(", "min(", "absent(")), expression


def test_the_probes_and_the_metrics_are_asked_where_they_are():
    paths = {
        probe["path"]
        for pod in manifests.pods()
        for probe in manifests.everywhere(pod.spec, "httpGet")
    }
    assert {path.rpartition("healthz")[2] for path in paths} == {
        path.removeprefix("healthz") for path in (LIVE, READY)
    }
    (monitor,) = manifests.of_kind("ServiceMonitor")
    assert monitor["spec"]["endpoints"][0]["path"] == f"/services/pythonmastery/{PREFIX}metrics"


def test_the_page_for_operators_explains_every_alert():
    page = (manifests.ROOT / "docs/operators.md").read_text()
    for name in {name for text in expressions() for name in NAME.findall(text)}:
        short = name.removeprefix("pythonmastery_").removesuffix("_bucket")
        assert short in page, short
