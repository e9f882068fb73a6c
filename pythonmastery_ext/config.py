"""Every setting, and the only reader of the environment.

A value in a configuration file (`c.PythonMastery.gemini_model = "…"`) or on the command line goes
before the environment, the environment before the default.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from traitlets import (
    Bool,
    Dict,
    Enum,
    Float,
    Integer,
    TraitError,
    TraitType,
    Tuple,
    Unicode,
    default,
)
from traitlets.config import Configurable


class ConfigError(Exception):
    """A setting has a value that cannot work; the message names the setting."""


class PythonMastery(Configurable):
    """Settings of PythonMastery, the same in all roles."""

    role = Enum(
        ["local", "relay", "authority"],
        help="local: everything in this server; relay: forward to an authority; "
        "authority: serve learners of a hub. Default: relay under JupyterHub, else local.",
    ).tag(config=True, env=("PYTHONMASTERY_ROLE",))
    database_url = Unicode(
        "",
        help="postgresql://user:password@host/name; empty: a server of our own in the data folder",
    ).tag(config=True, env=("PYTHONMASTERY_DATABASE_URL",))
    database_direct_url = Unicode(
        "",
        help="The same database past a pooler such as PgBouncer, if database_url leads to one",
    ).tag(config=True, env=("PYTHONMASTERY_DATABASE_DIRECT_URL",))
    data_dir = Unicode(help="Folder for the embedded database").tag(
        config=True, env=("PYTHONMASTERY_DATA_DIR",)
    )
    course_dir = Unicode(help="Folder of the author notebooks").tag(
        config=True, env=("PYTHONMASTERY_COURSE_DIR",)
    )
    authority_url = Unicode("", help="Where a relay finds its authority").tag(
        config=True, env=("PYTHONMASTERY_AUTHORITY_URL",)
    )
    gemini_api_key = Unicode("", help="Key of the Gemini API; empty: built-in help only").tag(
        config=True, env=("GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    gemini_model = Unicode("gemini-flash-latest", help="Model that answers as the tutor").tag(
        config=True, env=("PYTHONMASTERY_GEMINI_MODEL",)
    )
    gemini_base_url = Unicode("", help="Another address of the Gemini API").tag(
        config=True, env=("GOOGLE_GEMINI_BASE_URL",)
    )
    tutor_daily_messages = Integer(50, min=0, help="Questions to the tutor in 24 hours").tag(
        config=True, env=("PYTHONMASTERY_TUTOR_DAILY_MESSAGES",)
    )
    tutor_deadline_seconds = Float(60.0, min=1.0, help="Longest time for one answer").tag(
        config=True, env=("PYTHONMASTERY_TUTOR_DEADLINE_SECONDS",)
    )
    grader_kernels = Integer(1, min=1, max=64, help="Grader kernels of each worker").tag(
        config=True, env=("PYTHONMASTERY_GRADER_KERNELS",)
    )
    minimum_level = Enum(
        ["own", "degraded", "full"],
        help="Weakest isolation at which code is graded. "
        "Default: own in role local, else degraded.",
    ).tag(config=True, env=("PYTHONMASTERY_MINIMUM_LEVEL",))
    grader_transport = Enum(
        ["", "ipc", "tcp"],
        default_value="",
        help="How grader kernels are reached; tcp is always encrypted. "
        "Empty: ipc, or tcp with a provisioner.",
    ).tag(config=True, env=("PYTHONMASTERY_GRADER_TRANSPORT",))
    grader_provisioner = Unicode(
        "", help="Name of the kernel provisioner that starts grader kernels; empty: this machine"
    ).tag(config=True, env=("PYTHONMASTERY_GRADER_PROVISIONER",))
    grader_provisioner_config = Dict(help="Configuration of the provisioner, a Python dict").tag(
        config=True, env=("PYTHONMASTERY_GRADER_PROVISIONER_CONFIG",)
    )
    grader_socket = Unicode(
        "", help="Where `grader.starter` starts kernels in an account of their own; empty: we do"
    ).tag(config=True, env=("PYTHONMASTERY_GRADER_SOCKET",))
    grader_retry_seconds = Float(
        30.0, min=0.1, help="Between tries to start a grader that cannot start"
    ).tag(config=True, env=("PYTHONMASTERY_GRADER_RETRY_SECONDS",))
    max_waiting = Integer(3, min=1, help="Attempts that a learner may have waiting").tag(
        config=True, env=("PYTHONMASTERY_MAX_WAITING",)
    )
    rate_limits = Dict(
        key_trait=Enum(["write", "submit", "hint", "chat", "export"]),
        value_trait=Tuple(Float(min=0.0), Integer(min=1)),
        help="What a learner may do how often: action → (times a minute, times at once), for "
        "example {'submit': (30, 20)}; 0 a minute: no limit. What is not named keeps its default.",
    ).tag(config=True, env=("PYTHONMASTERY_RATE_LIMITS",))
    learner_folder = Unicode("PythonMastery", help="Folder of the learner's notebooks").tag(
        config=True, env=("PYTHONMASTERY_LEARNER_FOLDER",)
    )
    hub_api_url = Unicode("", help="API of the hub, for checking tokens").tag(
        config=True, env=("JUPYTERHUB_API_URL",)
    )
    hub_token = Unicode("", help="This server's own token at the hub").tag(
        config=True, env=("JUPYTERHUB_API_TOKEN",)
    )
    hub_host = Unicode("", help="The hub's public host, if it gives each person a subdomain").tag(
        config=True, env=("JUPYTERHUB_HOST",)
    )
    hub_base_url = Unicode("/", help="Path before the hub's own /hub/").tag(
        config=True, env=("JUPYTERHUB_BASE_URL",)
    )
    hub_service = Unicode("pythonmastery", help="Name of the service at the hub").tag(
        config=True, env=("JUPYTERHUB_SERVICE_NAME",)
    )
    hub_client_id = Unicode("service-pythonmastery", help="OAuth client id of the pages").tag(
        config=True, env=("JUPYTERHUB_CLIENT_ID",)
    )
    hub_callback_url = Unicode(
        "", help="Where the hub sends people back to after signing in; default: below the pages"
    ).tag(config=True, env=("JUPYTERHUB_OAUTH_CALLBACK_URL",))
    hub_public_url = Unicode(
        "", help="Where a browser finds the pages; with https their cookies go over TLS only"
    ).tag(config=True, env=("JUPYTERHUB_PUBLIC_URL",))
    hub_cookie_host_prefix = Bool(
        False, help="Cookies of the pages begin with __Host-; with a subdomain for each person"
    ).tag(config=True, env=("JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED",))
    worker = Bool(
        True, help="Grade in this process; false: leave it to `pythonmastery worker`"
    ).tag(config=True, env=("PYTHONMASTERY_WORKER",))

    metrics_token = Unicode(
        "", help="What Prometheus sends as bearer to an authority; empty: no metrics there"
    ).tag(config=True, env=("PYTHONMASTERY_METRICS_TOKEN",))
    encryption_keys_file = Unicode(
        "", help="File with the keys of encrypted columns; role local makes one in the data folder"
    ).tag(config=True, env=("PYTHONMASTERY_ENCRYPTION_KEYS_FILE",))
    erasure_days = Integer(
        7, min=7, max=14, help="Days in which a request to erase an account can be taken back"
    ).tag(config=True, env=("PYTHONMASTERY_ERASURE_DAYS",))
    privacy_dir = Unicode(help="Folder for the list of erasures; default: in the data folder").tag(
        config=True, env=("PYTHONMASTERY_PRIVACY_DIR",)
    )

    @default("role")
    def _default_role(self) -> str:
        return "relay" if self.hub_token else "local"

    @property
    def grader_is_apart(self) -> bool:
        """Whether somebody else starts graders, so that they have another account than ours."""
        return bool(self.grader_socket or self.grader_provisioner)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(user_data_path("pythonmastery"))

    @default("privacy_dir")
    def _default_privacy_dir(self) -> str:
        return str(Path(self.data_dir) / "privacy")

    @default("course_dir")
    def _default_course_dir(self) -> str:
        installed = find_spec("pythonmastery_curriculum")
        if installed is not None and installed.submodule_search_locations:
            return str(Path(next(iter(installed.submodule_search_locations))))
        return str(Path(__file__).parent.parent / "notebooks")

    @default("minimum_level")
    def _default_minimum_level(self) -> str:
        return "own" if self.role == "local" else "degraded"

    def __init__(self, **kwargs: Any) -> None:
        try:
            super().__init__(**kwargs)
        except TraitError as error:
            raise ConfigError(f"A setting of PythonMastery is wrong: {error}") from error
        configured = set(kwargs) | set(self.config.get(type(self).__name__, {}))
        for name, trait in self.traits(env=lambda names: bool(names)).items():
            if name not in configured:
                self._read_environment(name, trait)
        self._check()

    @property
    def pages(self) -> str | None:
        """Where a browser finds the service's pages; only a hub has them."""
        path = f"{self.hub_base_url.rstrip('/')}/services/{self.hub_service}/"
        return (self.hub_public_url or path) if self.role == "authority" else None

    def _read_environment(self, name: str, trait: TraitType[Any, Any]) -> None:
        for variable in trait.metadata["env"]:
            text = os.environ.get(variable, "")
            if not text:
                continue
            try:
                self.set_trait(name, trait.from_string(text))
            except (TraitError, ValueError) as error:
                raise ConfigError(
                    f"{variable} cannot be {text!r}: {trait.help} ({trait.info()})."
                ) from error
            return

    def _check(self) -> None:
        """Settings whose form alone shows that they cannot work."""
        for name, variable in (
            ("database_url", "PYTHONMASTERY_DATABASE_URL"),
            ("database_direct_url", "PYTHONMASTERY_DATABASE_DIRECT_URL"),
        ):
            value = getattr(self, name)
            if value and not value.startswith(
                ("postgresql://", "postgresql+psycopg://", "postgres://")
            ):
                raise ConfigError(f"{name} ({variable}) must begin with postgresql://.")
        for name, variable in (
            ("authority_url", "PYTHONMASTERY_AUTHORITY_URL"),
            ("hub_api_url", "JUPYTERHUB_API_URL"),
            ("gemini_base_url", "GOOGLE_GEMINI_BASE_URL"),
        ):
            value = getattr(self, name)
            if value and not value.startswith(("http://", "https://")):
                raise ConfigError(f"{name} ({variable}) must begin with http:// or https://.")
        if self.grader_socket and self.grader_provisioner:
            raise ConfigError(
                "grader_socket (PYTHONMASTERY_GRADER_SOCKET) and grader_provisioner "
                "(PYTHONMASTERY_GRADER_PROVISIONER) both say who starts graders: set one of them."
            )
        folder = Path(self.learner_folder)
        if folder.is_absolute() or ".." in folder.parts:
            raise ConfigError(
                "learner_folder (PYTHONMASTERY_LEARNER_FOLDER) must be a folder below the root "
                "of the file browser."
            )
        if self.role != "relay" and not Path(self.course_dir).is_dir():
            raise ConfigError(
                f"course_dir (PYTHONMASTERY_COURSE_DIR) names no folder: {self.course_dir}."
            )


#: The section in a configuration file is named by the class; code reads better with this name.
Settings = PythonMastery
