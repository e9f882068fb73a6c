"""Who reaches whom on the cluster: what must, can; what need not, cannot."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tests.deploy import manifests

OURS, HUBS = "pythonmastery", "jupyterhub"
NAMESPACE = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class End:
    """A pod by its namespace and labels, or an address outside."""

    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    address: str = ""


def ours(component: str) -> End:
    labels = (
        ("app.kubernetes.io/name", "pythonmastery"),
        ("app.kubernetes.io/component", component),
    )
    return End(OURS, labels)


def charts(component: str) -> End:
    return End(HUBS, (("component", component),))


AUTHORITY, WORKER, UPKEEP, RESTORE = map(ours, ("authority", "worker", "upkeep", "restore"))
HUB, PROXY, STUDENT = map(charts, ("hub", "proxy", "singleuser-server"))
DNS = End("kube-system", (("k8s-app", "kube-dns"),))
POSTGRES, INTERNET = End(address="10.20.0.7"), End(address="142.250.1.95")
PROMETHEUS = End("monitoring", (("app.kubernetes.io/name", "prometheus"),))

MUST = [
    (HUB, AUTHORITY, 10101),
    (PROXY, AUTHORITY, 10101),
    (STUDENT, AUTHORITY, 10101),
    (AUTHORITY, HUB, 8081),
    (AUTHORITY, INTERNET, 443),
    (PROMETHEUS, AUTHORITY, 10101),
    *((one, DNS, 53) for one in (AUTHORITY, WORKER, UPKEEP, RESTORE)),
    *((one, POSTGRES, 5432) for one in (AUTHORITY, WORKER, UPKEEP, RESTORE)),
]
MUST_NOT = [
    (STUDENT, WORKER, 10104),
    (STUDENT, POSTGRES, 5432),
    (STUDENT, INTERNET, 443),
    (WORKER, HUB, 8081),
    (WORKER, AUTHORITY, 10101),
    (WORKER, INTERNET, 443),
    (UPKEEP, INTERNET, 443),
    (AUTHORITY, End(address="169.254.169.254"), 443),
    (AUTHORITY, POSTGRES, 443),
    (PROMETHEUS, WORKER, 10104),
    (End("elsewhere", (("component", "hub"),)), AUTHORITY, 10101),
]


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def names(peer: dict[str, Any], end: End) -> bool:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        if not end.address:
            return False
        inside = ip_address(end.address) in ip_network(block["cidr"])
        out = [ip_network(one) for one in block.get("except", ())]
        return inside and not any(ip_address(end.address) in one for one in out)
    if end.address:
        return False
    space = selects(peer.get("namespaceSelector", {}), {NAMESPACE: end.namespace})
    return space and selects(peer.get("podSelector", {}), dict(end.labels))


def lets(rules: list[dict[str, Any]], side: str, end: End, port: int) -> bool:
    return any(
        any(one["port"] == port for one in rule["ports"])
        and any(names(peer, end) for peer in rule[side])
        for rule in rules
    )


def rules_of(pod: End, direction: str) -> list[dict[str, Any]] | None:
    """Those that hold for this pod; None where nothing of ours closes this direction."""
    if pod.namespace == OURS:
        held = [
            one["spec"]
            for one in manifests.of_kind("NetworkPolicy")
            if selects(one["spec"]["podSelector"], dict(pod.labels))
        ]
        return [rule for spec in held for rule in spec.get(direction, ())]
    values = manifests.values()
    if pod == HUB and direction == "ingress":
        return list(values["hub"]["networkPolicy"]["ingress"])
    if pod == STUDENT and direction == "egress":
        # The chart adds hub, proxy and DNS.
        return list(values["singleuser"]["networkPolicy"]["egress"])
    return None


def reaches(one: End, other: End, port: int) -> bool:
    out, in_ = rules_of(one, "egress"), rules_of(other, "ingress")
    goes = out is None or lets(out, "to", other, port)
    return goes and (in_ is None or lets(in_, "from", one, port))


@pytest.mark.parametrize(("one", "other", "port"), MUST)
def test_what_must_be_reached_is(one: End, other: End, port: int):
    assert reaches(one, other, port)


@pytest.mark.parametrize(("one", "other", "port"), MUST_NOT)
def test_nothing_else_is(one: End, other: End, port: int):
    assert not reaches(one, other, port)


def test_dns_is_asked_over_both_protocols():
    (policy,) = (one for one in manifests.of_kind("NetworkPolicy")
                 if one["metadata"]["name"] == "everybody-asks-dns")  # fmt: skip
    ports = policy["spec"]["egress"][0]["ports"]
    assert {one["protocol"] for one in ports if one["port"] == 53} == {"UDP", "TCP"}


def test_every_pod_of_ours_is_one_that_is_looked_at_here():
    looked_at = {dict(one.labels)["app.kubernetes.io/component"]
                 for one in (AUTHORITY, WORKER, UPKEEP, RESTORE)}  # fmt: skip
    components = {pod.labels["app.kubernetes.io/component"] for pod in manifests.pods()}
    assert components == looked_at
