"""What Prometheus is told, and who else is not."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.client import PREFIX, Api
from tests.api.conftest import METRICS_TOKEN, Stack
from tests.api.course import RIGHT
from tests.counterparts.hub import Hub

BEARER = {"Authorization": f"Bearer {METRICS_TOKEN}"}


async def figures(root: str, headers: dict[str, str]) -> dict[tuple[str, ...], float]:
    """(name, values of the labels in order of their names) → value."""
    answer = await asked(root, headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def asked(root: str, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
        return await http.get(root + PREFIX + "metrics", headers=headers)


async def test_a_submission_shows_in_the_figures(stack: Stack, api: Api):
    root = stack.authority or stack.root
    headers = BEARER if stack.authority else {"Authorization": f"token {stack.token}"}
    counted = ("pythonmastery_http_requests_total", "POST", "problems/{slug}/attempts", "202")
    before = await figures(root, headers)
    await api.submit("double", RIGHT)
    after = await figures(root, headers)
    assert after[counted] == before.get(counted, 0) + 1
    assert after["pythonmastery_recent_verdicts", "passed"] == 1
    assert after["pythonmastery_recent_verdict_seconds", "0.95", "passed"] > 0
    assert after["pythonmastery_oldest_waiting_seconds",] == 0
    assert after["pythonmastery_database_up",] == 1
    assert after["pythonmastery_partitions_ahead",] >= 3
    assert after["pythonmastery_workers",] >= 1
    assert after["pythonmastery_heartbeat_age_seconds",] < 10
    assert after["pythonmastery_pool_connections",] == 15
    assert any(name == "pythonmastery_cache_hits_total" for name, *_ in after)
    assert not any("double" in label for _, *labels in after for label in labels)


async def test_an_authority_tells_its_figures_to_the_bearer_of_its_token_only(
    relay_stack: Stack, hub: Hub
):
    root = relay_stack.authority
    assert (await asked(root, BEARER)).status_code == 200
    for text in (f"token {hub.token('eve')}", f"token {METRICS_TOKEN}", "Bearer", "Bearer x"):
        assert (await asked(root, {"Authorization": text})).status_code == 401


async def test_a_learner_cannot_ask_through_the_relay(relay_stack: Stack):
    answer = await asked(relay_stack.root, {"Authorization": f"token {relay_stack.token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["nothing/here", "%00", "problems/" + "x" * 300 + "/nothing"])
async def test_guessed_addresses_do_not_multiply_the_figures(relay_stack: Stack, path: str):
    async with httpx.AsyncClient(trust_env=False, timeout=40) as http:
        await http.get(relay_stack.authority + PREFIX + path)
    routes = {labels[1] for name, *labels in await figures(relay_stack.authority, BEARER)
              if name == "pythonmastery_http_requests_total"}  # fmt: skip
    assert "(unknown)" in routes
    assert path not in routes
