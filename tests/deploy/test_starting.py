"""Every unit and every pod is started as it stands in its file, with that environment alone."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from pythonmastery_ext.db.keyfile import KeyFile
from tests.conftest import fresh_database
from tests.deploy import manifests
from tests.deploy.starting import MOUNTED, Container, Ground, Unit, ready
from tests.hub import machine

pytestmark = pytest.mark.timeout(300)
HOST = "learn.example"
PAGES = "pythonmastery--service.learn.example"


def made_up(name: str) -> str:
    """In place of a secret."""
    return sha256(name.encode()).hexdigest()


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A Python that all may run, as the hub wants it; the hub makes a group for learners."""
    if why := machine.unfit([]):
        pytest.skip(why)
    with machine.folder_for_all() as folder, machine.accounts([], []):
        python = machine.python_for_all(folder, also=["notebooks"])
        for name, place in (("pythonmastery", "pythonmastery_ext.cli"),
                            ("jupyterhub", "jupyterhub.app")):  # fmt: skip
            script = python / "bin" / name
            script.write_text(f"#!{python}/bin/python\nfrom {place} import main\nexit(main())\n")
            script.chmod(0o755)
        (folder / "credentials").mkdir(mode=0o700)
        KeyFile(folder / "credentials/keys.json").make()
        one = Ground(folder, python)
        try:
            yield one
        finally:
            one.end()


@pytest.fixture(scope="module")
def files(ground: Ground, postgres_url: str) -> Iterator[dict[str, dict[str, str]]]:
    """What docs/operators.md tells to put into /etc/pythonmastery."""
    proxy = {"CONFIGPROXY_AUTH_TOKEN": made_up("proxy")}
    with fresh_database(postgres_url, "template0") as url:
        yield {
            "hub": {
                "GITHUB_CLIENT_ID": "id",
                "GITHUB_CLIENT_SECRET": made_up("github"),
                "GITHUB_ORGANIZATIONS": "example-school",
                "OAUTH_CALLBACK_URL": f"https://{HOST}/hub/oauth_callback",
                "SUBDOMAIN_HOST": f"https://{HOST}",
                "JUPYTERHUB_CRYPT_KEY": made_up("state"),
                "PYTHONMASTERY_SERVICE_TOKEN": made_up("service"),
                "PYTHONMASTERY_SERVICE_URL": ground.address("10101"),
                # As they are but for the ports of the test.
                "BIND_URL": ground.address("8000"),
                "HUB_BIND_URL": ground.address("8081"),
                **proxy,
            },
            "proxy": proxy,
            "authority": {
                "JUPYTERHUB_API_URL": ground.address("8081") + "/hub/api",
                "JUPYTERHUB_API_TOKEN": made_up("service"),
                "JUPYTERHUB_HOST": f"https://{HOST}",
                "JUPYTERHUB_PUBLIC_URL": f"https://{PAGES}/services/pythonmastery/",
                "PYTHONMASTERY_DATABASE_URL": url,
            },
            "worker": {"PYTHONMASTERY_DATABASE_URL": url},
        }


@pytest.fixture(scope="module")
def started(ground: Ground, files: dict[str, dict[str, str]]) -> Ground:
    """In the order of the units' After=."""
    for name in ("proxy", "authority", "grader@", "worker@", "hub"):
        Unit(ground, name, files).start()
    return ground


def test_the_authority_brings_the_schema_up_to_date_and_answers(started):
    place = started.address("10101") + "/services/pythonmastery/healthz/ready"
    started.until("authority", lambda: ready(place))
    assert "The schema is up to date" in started.log("authority").read_text()


def test_the_worker_finds_its_grader_with_all_its_walls(started):
    log = started.log("worker@")
    started.until("worker@", lambda: "waiting for attempts" in log.read_text())
    assert "cannot start" not in log.read_text()


def test_the_hub_comes_up_behind_the_proxy_with_a_host_for_each(started):
    public = started.address("8000")
    started.until("hub", lambda: ready(f"{public}/hub/health", HOST))
    pages = f"{public}/services/pythonmastery/healthz/ready"
    started.until("hub", lambda: ready(pages, PAGES))
    assert "Traceback" not in started.log("hub").read_text()


@pytest.mark.parametrize("name", ["backup", "archive"])
def test_upkeep_is_done(started, files, name):
    Unit(started, name, files).start()
    kept = started.folder / "lib/pythonmastery/backups"
    assert name != "backup" or list(kept.glob("pythonmastery-*.dump"))


def test_each_ends_in_order_when_it_is_told_to(started: Ground, files):
    started.end()
    for name, process in started.processes.items():
        good = [0, -15, *map(int, Unit(started, name, files).said("SuccessExitStatus"))]
        assert process.returncode in good, started.log(name).read_text()[-2000:]
    left = [place for place in Path("/proc").glob("[0-9]*") if below(place, started.folder)]
    assert left == []


def below(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(folder)
    except OSError:
        return False


@pytest.fixture(scope="module")
def cluster(ground: Ground, postgres_url: str) -> Iterator[dict[str, Container]]:
    """The containers of all pods, by the pod's and their own name."""
    folder = ground.folder / "cluster"
    for place in MOUNTED:
        (folder / place[1:]).mkdir(parents=True)
    KeyFile(folder / "secret/keys.json").make()
    (folder / "secret/keys.json").chmod(0o440)
    here = Ground(folder, ground.python)
    with fresh_database(postgres_url, "template0") as url:
        secrets = {
            "pythonmastery-database": {"url": url},
            "pythonmastery-service-token": {"token": made_up("service")},
        }
        yield {
            f"{pod.owner.removeprefix('pythonmastery-')} {one['name']}": Container(
                here, one, secrets
            )
            for pod in manifests.pods()
            for one in pod.containers
        }
        here.end()


def test_the_pods_come_up_in_their_order_and_their_probes_find_them(cluster):
    for name in ("migrate migrate", "authority keys"):
        cluster[name].run()
    for name in ("authority authority", "worker grader", "worker worker"):
        one = cluster[name]
        one.start()
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in one.said:
                one.on.until(one.said["name"], lambda one=one, probe=probe: one.probe(probe))
