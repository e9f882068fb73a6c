"""A feature as an admin sets it."""

from pydantic import Field, field_validator

from pythonmastery_ext.wire import WireIn


class FeatureIn(WireIn):
    enabled: bool = False
    message: str = Field("", max_length=300)
    amount: int | None = Field(None, ge=0, le=10_000)

    @field_validator("amount", mode="before")
    @classmethod
    def _empty(cls, given: object) -> object:
        """A form sends an empty text where nothing was filled in."""
        return None if given == "" else given

    @field_validator("message")
    @classmethod
    def _of_one_line(cls, given: str) -> str:
        return " ".join(given.split())
