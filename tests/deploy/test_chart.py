"""Zero to JupyterHub: our configuration runs inside the chart's, and nothing is said twice."""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from jupyterhub.utils import subdomain_hook_idna
from traitlets.config import Config

from tests.deploy import manifests, schemas

CONFIGURATION = manifests.ROOT / "jupyterhub_config.py"
#: What the chart has set before ours is read, and needs afterwards.
CHARTS = {
    "JupyterHub": {
        "hub_bind_url": "http://:8081",
        "hub_connect_url": "http://hub:8081",
        "db_url": "sqlite:///jupyterhub.sqlite",
        "cleanup_servers": False,
    },
    "ConfigurableHTTPProxy": {"should_start": False, "api_url": "http://proxy-api:8001"},
    "KubeSpawner": {"mem_limit": "1G", "namespace": "jupyterhub"},
}


def made_up(name: str) -> str:
    """In place of a secret."""
    return sha256(name.encode()).hexdigest()


def in_the_chart(monkeypatch: pytest.MonkeyPatch, **more: str) -> Config:
    """The configuration as the hub's pod has it after it has run our file."""
    hub = manifests.values()["hub"]
    for name, text in (hub["extraEnv"] | more).items():
        monkeypatch.setenv(name, text if isinstance(text, str) else made_up(name))
    config = Config(
        {
            **CHARTS,
            "JupyterHub": {**CHARTS["JupyterHub"], "services": [], "load_roles": []},
        }
    )
    for code in hub["extraConfig"].values():
        here = code.replace("/srv/pythonmastery/jupyterhub_config.py", str(CONFIGURATION))
        exec(here, {"c": config})  # noqa: S102 - as the chart does
    return config


def test_the_values_have_the_keys_of_the_chart():
    jsonschema.validate(manifests.values(), schemas.CHART)


def test_our_configuration_runs_in_the_chart_and_leaves_it_what_is_its_own(
    monkeypatch: pytest.MonkeyPatch,
):
    config = in_the_chart(monkeypatch)
    for section, kept in CHARTS.items():
        assert {name: config[section][name] for name in kept} == kept
    assert config.JupyterHub.spawner_class.endswith("KubeSpawner")
    assert config.KubeSpawner.automount_service_account_token is False


def test_scopes_roles_and_services_come_from_our_configuration_only(
    monkeypatch: pytest.MonkeyPatch,
):
    config = in_the_chart(monkeypatch)
    scopes = set(config.JupyterHub.custom_scopes)
    assert scopes == {f"custom:pythonmastery:{what}" for what in ("submit", "teach", "admin")}
    roles = {role["name"] for role in config.JupyterHub.load_roles}
    assert {"pm-teach", "pm-service"} <= roles
    (service,) = (one for one in config.JupyterHub.services if one["name"] == "pythonmastery")
    assert service["url"] == manifests.values()["hub"]["extraEnv"]["PYTHONMASTERY_SERVICE_URL"]
    assert service["api_token"] == made_up("PYTHONMASTERY_SERVICE_TOKEN")
    told = list(manifests.texts(manifests.values()))
    assert not [text for text in told if "custom:" in text or "access:" in text]
    # Idle servers are ended by one of the two.
    assert any(one["name"] == "cull" for one in config.JupyterHub.services)
    assert manifests.values()["cull"]["enabled"] is False


@pytest.mark.parametrize("name", ["GITHUB_ORGANIZATIONS", "SUBDOMAIN_HOST", "GITHUB_CLIENT_ID"])
def test_a_value_that_is_missing_keeps_the_hub_from_starting(
    monkeypatch: pytest.MonkeyPatch, name: str
):
    with pytest.raises(SystemExit, match=name):
        in_the_chart(monkeypatch, **{name: ""})


def test_every_value_that_the_hub_is_given_is_read():
    text = CONFIGURATION.read_text()
    for name in manifests.values()["hub"]["extraEnv"]:
        assert re.search(rf'"{name}"', text), name


def test_a_student_s_server_is_the_image_that_is_pulled_beforehand():
    values = manifests.values()
    image = values["singleuser"]["image"]
    assert values["hub"]["extraEnv"]["SPAWNER_IMAGE"] == f"{image['name']}:{image['tag']}"


def test_a_student_s_server_reaches_the_service_and_nothing_else():
    policy: dict[str, Any] = manifests.values()["singleuser"]["networkPolicy"]
    assert policy["enabled"] is True
    open_ways = {name for name, way in policy["egressAllowRules"].items() if way}
    assert open_ways == {"dnsPortsKubeSystemNamespace"}
    (way,) = policy["egress"]
    (peer,) = way["to"]
    (service,) = manifests.of_kind("Service")
    assert [port["port"] for port in way["ports"]] == [service["spec"]["ports"][0]["port"]]
    wanted = peer["podSelector"]["matchLabels"].items()
    (pod,) = (pod for pod in manifests.pods() if wanted <= pod.labels.items())
    assert pod.owner == "pythonmastery-authority"


def test_hub_and_service_know_the_same_addresses(monkeypatch: pytest.MonkeyPatch):
    config = in_the_chart(monkeypatch)
    (service,) = manifests.of_kind("Service")
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    address = f"http://{name}.pythonmastery.svc.cluster.local:{port}"
    assert manifests.values()["hub"]["extraEnv"]["PYTHONMASTERY_SERVICE_URL"] == address
    (authority,) = (pod for pod in manifests.pods() if pod.owner == "pythonmastery-authority")
    (base,) = (word.partition("=")[2] for word in authority.spec["containers"][0]["args"]
               if word.startswith("--base-url"))  # fmt: skip
    told = config.Spawner.environment["PYTHONMASTERY_AUTHORITY_URL"]
    assert told.rstrip("/") == (address + base).rstrip("/")
    for pod in manifests.pods():
        for probe in manifests.everywhere(pod.spec, "httpGet"):
            if pod.owner == "pythonmastery-authority":
                assert probe["path"].startswith(base)


def test_the_example_names_the_hosts_that_the_hub_gives():
    example = yaml.safe_load(
        (manifests.KUBERNETES / "overlays/example/kustomization.yaml").read_text()
    )
    (generator,) = example["configMapGenerator"]
    told = dict(line.split("=", 1) for line in generator["literals"])
    host = manifests.values()["hub"]["extraEnv"]["SUBDOMAIN_HOST"]
    service = subdomain_hook_idna("pythonmastery", urlsplit(host).hostname, "service")
    assert told["JUPYTERHUB_HOST"] == host
    assert told["JUPYTERHUB_PUBLIC_URL"] == f"https://{service}/services/pythonmastery/"
    hosts = manifests.values()["ingress"]["hosts"]
    assert set(hosts) == {urlsplit(host).hostname, f"*.{urlsplit(host).hostname}"}
