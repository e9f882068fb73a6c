"""What the hub tells of a person."""

from typing import Annotated

from pydantic import Field, StringConstraints

from pythonmastery_ext.schema import Role
from pythonmastery_ext.wire import WireIn, WireOut

#: Longer ones are none that GitHub gives out.
LONGEST = 255
LARGEST_ID = 2**63 - 1


class PersonIn(WireIn):
    """As GitHub knows them at this sign-in."""

    github_id: int = Field(gt=0, le=LARGEST_ID)
    login: str = Field(min_length=1, max_length=LONGEST)
    name: str | None = Field(None, max_length=LONGEST)
    avatar_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\x00]*$")] | None = Field(
        None, max_length=2048
    )
    #: Only one that GitHub has verified.
    email: str | None = Field(None, max_length=320)
    #: Missing where it follows from the hub's groups, which the service reads itself.
    role: Role | None = None


class PersonOut(WireOut):
    username: str
    role: Role
