"""What only the owner of the data does, and no client that acts for them."""

from pythonmastery_ext.errors import NotAllowed
from pythonmastery_ext.identity import SessionUser
from pythonmastery_ext.web import ApiHandler


class OwnDataHandler(ApiHandler):
    """A session's token may look here, but neither erases nor gets a copy: it may be stolen."""

    auth_resource = "pythonmastery:privacy"

    def check_in_person(self) -> None:
        if isinstance(self.current_user, SessionUser):
            raise NotAllowed(
                "The token of a session neither erases an account nor gives out its data; "
                "do it under My Data in JupyterLab, where you are signed in."
            )
