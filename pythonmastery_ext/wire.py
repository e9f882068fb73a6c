"""The two bases of everything that crosses the wire as JSON."""

from pydantic import BaseModel, ConfigDict


class WireIn(BaseModel):
    """What a client sends: unknown fields are refused, so that a slip is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class WireOut(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
