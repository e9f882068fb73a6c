"""The manifests: as Kubernetes wants them, and as safe as we say."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from pythonmastery_ext import __version__
from pythonmastery_ext.config import PythonMastery
from tests.deploy import manifests, schemas

#: The oldest and the newest Kubernetes whose schemas are looked at.
VERSIONS = ("1.32", "1.37")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
#: What an operator hands to kustomize: a folder, and components besides.
TOGETHER = (
    ("overlays/example",),
    ("overlays/example/migrations",),
    ("overlays/example/restore",),
    ("base", "components/hpa", "components/gvisor"),
)
BUILT_IN = [
    one for one in manifests.objects() if (one["apiVersion"], one["kind"]) not in schemas.CUSTOM
]


@pytest.fixture(scope="module", autouse=True)
def schemas_read_once() -> Iterator[None]:
    """The definitions of a version are ten megabytes."""
    utils = kubernetes_validate.utils
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "schema_contents", cache(utils.schema_contents))
        yield


def named(one: dict[str, Any]) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("one", BUILT_IN, ids=named)
def test_kubernetes_knows_every_key(one: dict[str, Any], version: str):
    kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("one", manifests.of_kind(*(kind for _, kind in schemas.CUSTOM)), ids=named)
def test_what_other_projects_read_has_their_keys(one: dict[str, Any]):
    jsonschema.validate(one, schemas.CUSTOM[one["apiVersion"], one["kind"]])


def test_a_misspelt_key_is_found():
    wrong = yaml.safe_load((manifests.KUBERNETES / "base/accounts.yaml").read_text())
    wrong["automountServiceAccountTokens"] = False
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_kustomize_reads_every_file():
    listed = set()
    for path in manifests.KUBERNETES.rglob("kustomization.yaml"):
        said = yaml.safe_load(path.read_text())
        for name in said.get("resources", []) + said.get("components", []):
            target = (path.parent / name).resolve()
            assert target.exists(), f"{path}: {name}"
            listed.add(target)
    assert {path.resolve() for path in manifests.files()} <= listed


def test_no_file_holds_a_secret():
    assert manifests.of_kind("Secret") == []
    for one in [*manifests.objects(), manifests.values()]:
        for text in manifests.texts(one):
            assert not re.search(r"[0-9a-f]{32}|[A-Za-z0-9+/]{40}=|://[^/@\s]+:[^/@\s]+@", text), (
                text
            )


def test_every_secret_that_is_named_is_one_the_operator_is_told_to_make():
    said = (manifests.ROOT / "docs/operators.md").read_text()
    for name in manifests.GIVEN:
        assert name in said, f"docs/operators.md does not say how {name} is made"
    used = set()
    for one in [*manifests.objects(), manifests.values()]:
        for ref in manifests.everywhere(one, "secretKeyRef"):
            assert ref["key"] in manifests.GIVEN[ref["name"]], ref
            used.add(ref["name"])
        used |= set(manifests.everywhere(one, "secretName"))
    assert used <= set(manifests.GIVEN)


def test_every_configmap_volume_and_account_that_is_named_is_there():
    there = {
        kind: {one["metadata"]["name"] for one in manifests.of_kind(kind)}
        for kind in ("ConfigMap", "PersistentVolumeClaim", "ServiceAccount")
    }
    for pod in manifests.pods():
        for ref in manifests.everywhere(pod.spec, "configMapRef"):
            assert ref["name"] in there["ConfigMap"], pod.owner
        for claim in manifests.everywhere(pod.spec, "claimName"):
            assert claim in there["PersistentVolumeClaim"], pod.owner
        assert pod.spec["serviceAccountName"] in there["ServiceAccount"], pod.owner


@pytest.mark.parametrize("pod", manifests.pods(), ids=lambda pod: pod.owner)
def test_a_pod_has_no_more_rights_than_it_needs(pod: manifests.Pod):
    assert pod.spec["automountServiceAccountToken"] is False
    context = pod.spec["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
    for volume in pod.spec["volumes"]:
        assert not volume.keys() & {"hostPath"}
        assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"]
    for container in pod.containers:
        rights = dict(container["securityContext"])
        assert rights.pop("runAsUser", 10_000) >= 10_000
        assert rights.pop("runAsGroup", 10_000) >= 10_000
        assert rights == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        resources = container["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys()
        assert resources["limits"]["memory"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted <= {volume["name"] for volume in pod.spec["volumes"]}


def test_the_version_of_every_image_is_that_of_the_program():
    place = manifests.KUBERNETES / "overlays/example/version/kustomization.yaml"
    images = yaml.safe_load(place.read_text())["images"]
    assert {image["newTag"] for image in images} == {__version__}
    used = {container["image"] for pod in manifests.pods() for container in pod.containers}
    assert used == {image["name"] for image in images}
    assert set(manifests.everywhere(manifests.values(), "tag")) == {__version__}


@pytest.mark.parametrize("layers", TOGETHER, ids=lambda layers: layers[0])
def test_kustomize_puts_it_together(tmp_path: Path, layers: tuple[str, ...]):
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here, and with it no kustomize")
    first, *components = [os.path.relpath(manifests.KUBERNETES / one, tmp_path) for one in layers]
    text = yaml.safe_dump({"resources": [first], "components": components})
    (tmp_path / "kustomization.yaml").write_text(text)
    words = [kubectl, "kustomize", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for one in yaml.safe_load_all(done.stdout):
        if (one["apiVersion"], one["kind"]) not in schemas.CUSTOM:
            kubernetes_validate.validate(one, VERSIONS[0], strict=True)
        images = list(manifests.everywhere(one, "image"))
        assert layers[0] == "base" or all(image.endswith(f":{__version__}") for image in images)


def test_services_and_budgets_find_their_pods():
    selectors = [one["spec"]["selector"] for one in manifests.of_kind("Service")]
    selectors += [
        one["spec"]["selector"]["matchLabels"]
        for one in manifests.of_kind("PodDisruptionBudget", "Deployment")
    ]
    selectors += [
        constraint["labelSelector"]["matchLabels"]
        for pod in manifests.pods()
        for constraint in pod.spec.get("topologySpreadConstraints", ())
    ]
    for selector in selectors:
        found = [pod for pod in manifests.pods() if selector.items() <= pod.labels.items()]
        assert len(found) == 1, selector


def test_what_scales_and_what_watches_names_what_is_there():
    deployments = {one["metadata"]["name"] for one in manifests.of_kind("Deployment")}
    for one in manifests.of_kind("ScaledObject", "HorizontalPodAutoscaler"):
        assert one["spec"]["scaleTargetRef"]["name"] in deployments
    (service,) = manifests.of_kind("Service")
    (monitor,) = manifests.of_kind("ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    assert wanted <= service["metadata"]["labels"].items()
    ports = {port["name"] for port in service["spec"]["ports"]}
    assert monitor["spec"]["endpoints"][0]["port"] in ports


def test_what_serves_has_probes_and_time_to_end():
    for pod in manifests.pods():
        if pod.kind != "Deployment":
            continue
        (container,) = pod.spec["containers"]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] in ports
        assert pod.spec["terminationGracePeriodSeconds"] >= 30


def test_the_settings_that_are_set_are_read():
    read = {name for trait in PythonMastery.class_traits().values()
            for name in trait.metadata.get("env", ())}  # fmt: skip
    given = {entry["name"] for pod in manifests.pods() for container in pod.containers
             for entry in container.get("env", ())}  # fmt: skip
    for one in manifests.of_kind("ConfigMap"):
        given |= one["data"].keys()
    assert given <= read


def test_the_grader_beside_a_worker_has_an_account_that_is_told_nothing():
    (worker,) = (pod for pod in manifests.pods() if pod.owner == "pythonmastery-worker")
    (grader,) = worker.spec["initContainers"]
    (own,) = worker.spec["containers"]
    assert not grader.keys() & {"env", "envFrom"}
    assert not worker.spec.get("shareProcessNamespace")
    mine = grader["securityContext"]["runAsUser"]
    accounts = {pod.spec["securityContext"]["runAsUser"] for pod in manifests.pods()}
    assert mine not in accounts
    # The worker is in the grader's group, not the grader in the worker's.
    group = grader["securityContext"]["runAsGroup"]
    assert worker.spec["securityContext"]["fsGroup"] == group
    assert worker.spec["securityContext"]["runAsGroup"] != group
    # It goes on beside the worker, and starts before it.
    assert grader["restartPolicy"] == "Always"
    (socket,) = (word.partition("=")[2] for word in grader["command"] if "--socket=" in word)
    asked = {entry["name"]: entry.get("value") for entry in own["env"]}
    assert asked["PYTHONMASTERY_GRADER_SOCKET"] == socket
    places = [{mount["name"]: mount["mountPath"] for mount in one["volumeMounts"]}
              for one in (grader, own)]  # fmt: skip
    shared = places[0].keys() & places[1].keys()
    assert {places[0][name] for name in shared} == {str(Path(socket).parent)}


def test_only_the_authority_holds_keys_and_only_it_leaves_the_cluster():
    for pod in manifests.pods():
        if pod.labels["app.kubernetes.io/component"] not in ("authority", "restore"):
            held = {ref["name"] for ref in manifests.everywhere(pod.spec, "secretKeyRef")}
            assert held == {"pythonmastery-database"}, pod.owner
            assert not list(manifests.everywhere(pod.spec, "secretName")), pod.owner
    policies = {one["metadata"]["name"]: one["spec"] for one in manifests.of_kind("NetworkPolicy")}
    assert policies["nothing-else"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    outside = {
        name
        for name, spec in policies.items()
        for rule in spec.get("egress", ())
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    }
    assert outside == {"authority"}
    (internet,) = [
        peer["ipBlock"]
        for rule in policies["authority"]["egress"]
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    assert set(PRIVATE) <= set(internet["except"])
