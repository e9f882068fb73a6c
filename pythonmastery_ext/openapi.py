"""The OpenAPI 3.1 document, made from the routes and the wire shapes.

`python -m pythonmastery_ext.openapi` prints it; the front end's types are generated from that.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pythonmastery_ext.schema import ErrorOut
from pythonmastery_ext.web import PREFIX, Operation, Route
from pythonmastery_ext.wire import WireIn

REF = "#/components/schemas/{model}"


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    routes = list(routes)
    operations = [operation for route in routes for operation in route.operations]
    models = sorted(set(_models(operations)), key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(m, "validation" if issubclass(m, WireIn) else "serialization") for m in models],
        ref_template=REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "PythonMastery", "version": version},
        "servers": [{"url": "/" + PREFIX.rstrip("/")}],
        "paths": {f"/{route.path}": _path(route) for route in routes},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
        "security": [{"token": []}],
    }


def _models(operations: list[Operation]) -> Iterator[type[BaseModel]]:
    yield ErrorOut
    for operation in operations:
        shapes = (operation.request, operation.response, *(operation.events or {}).values())
        yield from (shape for shape in shapes if shape is not None)


def _path(route: Route) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", route.path)
    path: dict[str, Any] = {
        operation.method.lower(): _operation(operation) for operation in route.operations
    }
    if names:
        path["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    return path


def _operation(operation: Operation) -> dict[str, Any]:
    result: dict[str, Any] = {
        "summary": operation.summary,
        "responses": {
            **{str(status): _success(operation) for status in operation.status},
            **_failures(operation),
        },
    }
    if operation.query:
        result["parameters"] = [
            {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
            for name, about in operation.query.items()
        ]
    if operation.records:
        result["x-audit"] = list(operation.records)
    if operation.request is not None:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(operation.request)}},
        }
    return result


def _success(operation: Operation) -> dict[str, Any]:
    if operation.events is not None:
        shapes = {model.__name__: model for model in operation.events.values() if model}
        return {
            "description": "Server-sent events: " + ", ".join(operation.events),
            "content": {
                "text/event-stream": {
                    "schema": {"anyOf": [_ref(model) for model in shapes.values()]},
                }
            },
            "x-events": {
                name: _ref(model) if model else None for name, model in operation.events.items()
            },
        }
    if operation.response is None:
        return {
            "description": operation.summary,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    return {
        "description": operation.summary,
        "content": {"application/json": {"schema": _ref(operation.response)}},
    }


def _failures(operation: Operation) -> dict[str, Any]:
    """By status, since several refusals can share one; 401 can come from every address."""
    told: dict[int, list[str]] = {401: ["not_signed_in"]}
    for refusal in operation.errors:
        told.setdefault(refusal.status, []).append(refusal().code)
    return {
        str(status): {
            "description": ", ".join(codes),
            "content": {"application/json": {"schema": _ref(ErrorOut)}},
        }
        for status, codes in sorted(told.items())
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def main() -> int:
    from pythonmastery_ext import __version__
    from pythonmastery_ext.api import ROUTES

    sys.stdout.write(json.dumps(document(ROUTES, __version__), indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
