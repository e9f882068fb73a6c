"""The extension of Jupyter Server: the whole service (`local`) or a forwarder to it (`relay`)."""

import logging
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import User
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from pythonmastery_ext.config import ConfigError, Settings
from pythonmastery_ext.identity import SESSION_PREFIX, SessionLookup, bearer
from pythonmastery_ext.web import AUTHORITY, ApiHandler

if TYPE_CHECKING:
    from pythonmastery_ext.authority import Authority
    from pythonmastery_ext.relay import Relay


#: As in grader.protocol, which a student's server does not load.
GRADER_KERNEL = "pythonmastery-grader"


class PythonMasteryExtension(ExtensionApp):
    """PythonMastery's server side."""

    name = "pythonmastery"
    load_other_extensions = True
    classes = [Settings]  # noqa: RUF012 - the form that Jupyter's applications have
    _running: "Authority | Relay | None" = None

    def initialize_settings(self) -> None:
        # What is being started is told where Jupyter tells the rest.
        ours = logging.getLogger("pythonmastery_ext")
        ours.parent, ours.level = self.log, logging.INFO
        try:
            chosen = Settings(config=self.config)
        except ConfigError as error:
            # Only an exit stops the server: other exceptions of an extension are logged and passed.
            self.log.critical("PythonMastery: %s", error)
            raise SystemExit(1) from error
        if chosen.role == "authority":
            self.log.critical(
                "PythonMastery: role (PYTHONMASTERY_ROLE) cannot be authority inside Jupyter, "
                "which offers files and terminals beside the secrets; run `pythonmastery serve`."
            )
            raise SystemExit(1)
        self.settings.update(self._relay(chosen) if chosen.role == "relay" else self._local(chosen))

    def _relay(self, chosen: Settings) -> dict[str, Any]:
        # Imported here so that a student's server never loads the trusted code.
        from pythonmastery_ext import relay

        self._running = relay.Relay(chosen)
        self._hide_grader()
        self.handlers.extend(relay.handlers())
        return {relay.RELAY: self._running}

    def _hide_grader(self) -> None:
        """What an instructor has installed for everybody is for instructors all the same."""
        assert self.serverapp is not None  # noqa: S101 - an extension is linked before it is set up
        specs: Any = self.serverapp.kernel_spec_manager
        find = specs.find_kernel_specs
        specs.find_kernel_specs = lambda: {
            name: place for name, place in find().items() if name != GRADER_KERNEL
        }

    def _local(self, chosen: Settings) -> dict[str, Any]:
        from pythonmastery_ext import authority

        self._running = authority.Authority(chosen)
        self._take_sessions(self._running.session_user)
        # Jupyter puts its base_url before each pattern.
        self.handlers.extend(authority.handlers("/"))
        return {AUTHORITY: self._running}

    def _take_sessions(self, lookup: SessionLookup) -> None:
        """A session's token opens our API and nothing else of this server: no files, no kernels."""
        assert self.serverapp is not None  # noqa: S101 - an extension is linked before it is set up
        provider: Any = self.serverapp.identity_provider
        ask = provider.get_user

        async def get_user(handler: Any) -> User | None:
            token = bearer(handler) or ""
            if isinstance(handler, ApiHandler) and token.startswith(SESSION_PREFIX):
                user = await lookup(token, handler)
                if user is not None:
                    handler._token_authenticated = True  # type: ignore[attr-defined]
                    return user
            found: User | None = await ensure_async(ask(handler))
            return found

        provider.get_user = get_user

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Returns at once, so that Lab answers while the database is still starting."""
        if self._running is not None:
            self._running.begin()

    async def stop_extension(self) -> None:
        if self._running is not None:
            await self._running.stop()


launch_instance = PythonMasteryExtension.launch_instance
