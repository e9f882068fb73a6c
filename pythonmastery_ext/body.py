"""The body of a request: bytes in, a checked model or a refusal out."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pythonmastery_ext.errors import CodeNotText, InvalidFields, NotJson

M = TypeVar("M", bound=BaseModel)
HALF_PAIR = re.compile("[\ud800-\udfff]")


def parse(data: bytes, model: type[M]) -> M:
    """NotJson, InvalidFields or CodeNotText."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    if not isinstance(body, dict):
        raise NotJson
    _check_text(body)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _refusal_for(error) from error


def _check_text(body: dict[str, Any]) -> None:
    """JSON can spell half of a surrogate pair, which neither UTF-8 nor the database can hold."""
    for name, value in body.items():
        if isinstance(value, str) and HALF_PAIR.search(value):
            if name == "code":
                raise CodeNotText
            raise InvalidFields(
                fields=[{"field": name, "message": "holds half of a surrogate pair"}]
            )


def _refusal_for(error: ValidationError) -> InvalidFields:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return InvalidFields(
        fields=[
            {"field": ".".join(str(part) for part in p["loc"]), "message": p["msg"]}
            for p in problems
        ]
    )
