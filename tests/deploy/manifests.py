"""What deploy/kubernetes holds, as the tests look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
#: Not objects of Kubernetes: values of the chart, and what kustomize reads.
OTHERS = ("values.yaml", "kustomization.yaml")
#: What the operator makes by hand, so that no secret is in a file: name → its keys.
GIVEN = {
    "pythonmastery-database": {"url", "direct-url"},
    "pythonmastery-encryption-keys": {"keys.json"},
    "pythonmastery-service-token": {"token"},
    "pythonmastery-metrics": {"token"},
    "pythonmastery-gemini": {"api-key"},
    "jupyterhub-github": {"client-id", "client-secret"},
    "jupyterhub-crypt-key": {"key"},
    "jupyterhub-wildcard-tls": {"tls.crt", "tls.key"},
}


@dataclass(frozen=True)
class Pod:
    """The template of a pod, and whose it is."""

    owner: str
    kind: str
    labels: dict[str, str]
    spec: dict[str, Any]

    @property
    def containers(self) -> list[dict[str, Any]]:
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]


def files() -> list[Path]:
    return [path for path in sorted(KUBERNETES.rglob("*.yaml")) if path.name not in OTHERS]


@cache
def objects() -> list[dict[str, Any]]:
    return [one for path in files() for one in yaml.safe_load_all(path.read_text())]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [one for one in objects() if one["kind"] in kinds]


def pods() -> list[Pod]:
    found = []
    for one in of_kind("Deployment", "Job", "CronJob"):
        spec = one["spec"]
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        template = spec["template"]
        name = one["metadata"]["name"]
        found.append(Pod(name, one["kind"], template["metadata"]["labels"], template["spec"]))
    return found


def values() -> dict[str, Any]:
    """Of the chart of JupyterHub."""
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / "values.yaml").read_text())
    return found


def everywhere(value: Any, key: str) -> Iterator[Any]:
    """The value of this key at every depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from everywhere(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from everywhere(inner, key)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
