"""JupyterHub for a class: GitHub sign-in, one JupyterLab per student, one PythonMastery service.

    jupyterhub --config jupyterhub_config.py

Values come from the environment. The configuration refuses to start, with a sentence each, when
something is missing or unsafe. docs/operator.md says where each value comes from.
"""

import os
import sys

SERVICE = "pythonmastery"
SUBMIT = f"custom:{SERVICE}:submit"
TEACH = f"custom:{SERVICE}:teach"
ADMIN = f"custom:{SERVICE}:admin"
ACCESS = f"access:services!service={SERVICE}"

NEEDED = {
    "GITHUB_CLIENT_ID": "the client id of the GitHub OAuth app",
    "GITHUB_CLIENT_SECRET": "the client secret of the GitHub OAuth app",
    "OAUTH_CALLBACK_URL": "where GitHub sends people back to, https://HOST/hub/oauth_callback",
    "JUPYTERHUB_CRYPT_KEY": "the key of the sign-in state; make one with: openssl rand -hex 32",
    "PYTHONMASTERY_SERVICE_TOKEN": "the service's token; make one with: openssl rand -hex 32",
    "PYTHONMASTERY_SERVICE_URL": "where the PythonMastery service listens, http://127.0.0.1:10101",
}


def names(variable: str) -> set[str]:
    """A comma-separated list from the environment."""
    return {name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()}


def problems() -> list[str]:
    """What is missing or unsafe, a sentence each."""
    found = [
        f"{name} is not set: it is {what}."
        for name, what in NEEDED.items()
        if not os.environ.get(name)
    ]
    if not names("GITHUB_ORGANIZATIONS") and not names("ALLOWED_USERS"):
        found.append("Nobody may sign in: set GITHUB_ORGANIZATIONS or ALLOWED_USERS.")
    callback = os.environ.get("OAUTH_CALLBACK_URL", "")
    on_loopback = os.environ.get("BEHIND_PROXY") == "loopback"
    if callback and not callback.startswith("https://") and not on_loopback:
        found.append("OAUTH_CALLBACK_URL is not https: put a TLS proxy in front of the hub.")
    if os.environ.get("SPAWNER") == "simple":
        found.append(
            "SPAWNER=simple keeps nobody out of others' files; use localprocess or systemd."
        )
    return found


if refused := problems():
    sys.exit("JupyterHub was not started:\n" + "\n".join(f"  - {line}" for line in refused))

c = get_config()  # noqa: F821 - given by traitlets

c.JupyterHub.bind_url = os.environ.get("BIND_URL", "http://127.0.0.1:8000")
c.JupyterHub.authenticator_class = "github"
c.GitHubOAuthenticator.client_id = os.environ["GITHUB_CLIENT_ID"]
c.GitHubOAuthenticator.client_secret = os.environ["GITHUB_CLIENT_SECRET"]
c.GitHubOAuthenticator.oauth_callback_url = os.environ["OAUTH_CALLBACK_URL"]
c.GitHubOAuthenticator.scope = ["read:user", "user:email", "read:org"]
c.GitHubOAuthenticator.allowed_organizations = names("GITHUB_ORGANIZATIONS")
c.Authenticator.allowed_users = names("ALLOWED_USERS")
c.Authenticator.admin_users = names("ADMIN_USERS")
c.Authenticator.enable_auth_state = True

# A server's own token may submit for its owner and nothing else: a student can read it.
c.JupyterHub.custom_scopes = {
    SUBMIT: {"description": "work on problems"},
    TEACH: {"description": "see one's own sections", "subscopes": [SUBMIT]},
    ADMIN: {"description": "everything", "subscopes": [TEACH]},
}
c.JupyterHub.extra_user_scopes = {SUBMIT, ACCESS}
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", ACCESS, SUBMIT]
c.JupyterHub.load_roles = [
    {"name": "pm-teach", "groups": ["instructors"], "scopes": [TEACH]},
    {"name": "pm-service", "services": [SERVICE], "scopes": ["read:users", "read:groups"]},
]
c.JupyterHub.load_groups = {"instructors": {"users": sorted(names("INSTRUCTORS"))}}

# An external service: it has an account, a supervisor and the secrets of its own.
c.JupyterHub.services = [
    {
        "name": SERVICE,
        "url": os.environ["PYTHONMASTERY_SERVICE_URL"],
        "api_token": os.environ["PYTHONMASTERY_SERVICE_TOKEN"],
        "oauth_no_confirm": True,
        "display": False,
    }
]

c.JupyterHub.spawner_class = os.environ.get("SPAWNER", "localprocess")
c.Spawner.default_url = "/lab"
c.Spawner.disable_user_config = True
c.Spawner.environment = {
    "PYTHONMASTERY_ROLE": "relay",
    "PYTHONMASTERY_AUTHORITY_URL": os.environ["PYTHONMASTERY_SERVICE_URL"],
}
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
c.JupyterHub.oauth_token_expires_in = 8 * 3600
