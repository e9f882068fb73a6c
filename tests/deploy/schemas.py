"""Shapes that no package has for us: three kinds of other projects, and the values of the chart.

They hold what deploy/ uses of them, and nothing else is allowed: a key that is misspelt fails.
"""

from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer", "minimum": 0}
YES = {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
LABELS = {"type": "object", "additionalProperties": TEXT}


def shape(needed: str = "", /, **keys: Any) -> dict[str, Any]:
    """An object with these keys only; `needed` are those that must be there."""
    return {
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
        "required": needed.split(),
    }


def many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def kind(version: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return shape(
        "apiVersion kind metadata spec",
        apiVersion={"const": version},
        kind={"const": name},
        metadata=shape("name", name=TEXT, labels=LABELS),
        spec=spec,
    )


_TRIGGER = shape(
    "type metadata",
    type={"const": "prometheus"},
    metadata=shape("serverAddress query threshold", serverAddress=TEXT, query=TEXT, threshold=TEXT),
)
_RULE = shape(
    "alert expr for labels annotations",
    alert={"type": "string", "pattern": "^PythonMastery[A-Z][A-Za-z]+$"},
    expr=TEXT,
    labels=shape("severity", severity={"enum": ["page", "warning"]}),
    annotations=shape("summary todo", summary=TEXT, todo=TEXT),
    **{"for": {"type": "string", "pattern": "^[0-9]+[smh]$"}},
)
_SECRET_KEY = shape("name key", name=TEXT, key=TEXT)

#: By apiVersion and kind.
CUSTOM = {
    ("keda.sh/v1alpha1", "ScaledObject"): kind(
        "keda.sh/v1alpha1",
        "ScaledObject",
        shape(
            "scaleTargetRef triggers",
            scaleTargetRef=shape("name", apiVersion=TEXT, kind=TEXT, name=TEXT),
            minReplicaCount=WHOLE,
            maxReplicaCount=WHOLE,
            pollingInterval=WHOLE,
            cooldownPeriod=WHOLE,
            fallback=shape("failureThreshold replicas", failureThreshold=WHOLE, replicas=WHOLE),
            triggers=many(_TRIGGER),
        ),
    ),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): kind(
        "monitoring.coreos.com/v1",
        "ServiceMonitor",
        shape(
            "selector endpoints",
            selector=shape("matchLabels", matchLabels=LABELS),
            endpoints=many(
                shape(
                    "port path",
                    port=TEXT,
                    path=TEXT,
                    interval=TEXT,
                    authorization=shape("type credentials", type=TEXT, credentials=_SECRET_KEY),
                )
            ),
        ),
    ),
    ("monitoring.coreos.com/v1", "PrometheusRule"): kind(
        "monitoring.coreos.com/v1",
        "PrometheusRule",
        shape("groups", groups=many(shape("name rules", name=TEXT, rules=many(_RULE)))),
    ),
}

_IMAGE = shape("name tag", name=TEXT, tag=TEXT, pullPolicy=TEXT)
_AMOUNTS = shape(cpu=TEXT, memory=TEXT)
_RESOURCES = shape("requests limits", requests=_AMOUNTS, limits=_AMOUNTS)
_PEERS = many({"type": "object"})
_EGRESS_RULES = (
    "cloudMetadataServer",
    "dnsPortsCloudMetadataServer",
    "dnsPortsKubeSystemNamespace",
    "dnsPortsPrivateIPs",
    "nonPrivateIPs",
    "privateIPs",
)
_SHARE = shape("guarantee limit", guarantee={"type": ["string", "number"]}, limit={})
_POOL = shape(nodeAffinity=shape(matchNodePurpose={"enum": ["ignore", "prefer", "require"]}))

#: The values that we set of Zero to JupyterHub 4.1.
CHART = shape(
    hub=shape(
        image=_IMAGE,
        extraConfig=LABELS,
        extraEnv={
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    TEXT,
                    shape("valueFrom", valueFrom=shape("secretKeyRef", secretKeyRef=_SECRET_KEY)),
                ]
            },
        },
        resources=_RESOURCES,
        networkPolicy=shape(ingress=_PEERS),
    ),
    proxy=shape(
        service=shape(type={"enum": ["ClusterIP", "LoadBalancer", "NodePort"]}),
        chp=shape(resources=_RESOURCES),
    ),
    ingress=shape(
        enabled=YES,
        hosts=TEXTS,
        tls=many(shape("hosts secretName", hosts=TEXTS, secretName=TEXT)),
    ),
    singleuser=shape(
        image=_IMAGE,
        startTimeout=WHOLE,
        memory=_SHARE,
        cpu=_SHARE,
        storage=shape(capacity=TEXT),
        extraPodConfig=shape(automountServiceAccountToken=YES, enableServiceLinks=YES),
        cloudMetadata=shape(blockWithIptables=YES),
        networkPolicy=shape(
            enabled=YES,
            egressAllowRules=shape(" ".join(_EGRESS_RULES), **dict.fromkeys(_EGRESS_RULES, YES)),
            egress=_PEERS,
        ),
    ),
    scheduling=shape(
        userScheduler=shape(enabled=YES, resources=_RESOURCES),
        podPriority=shape(enabled=YES),
        userPlaceholder=shape(enabled=YES, replicas=WHOLE),
        corePods=_POOL,
        userPods=_POOL,
    ),
    prePuller=shape(hook=shape(enabled=YES), continuous=shape(enabled=YES)),
    cull=shape(enabled=YES),
)
