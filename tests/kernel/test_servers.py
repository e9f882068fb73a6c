"""Which server a kernel talks to."""

import json
import os

import pytest

from pythonmastery_ext.kernelside.errors import NoServer
from pythonmastery_ext.kernelside.servers import api_url, find_server
from tests.counterparts.api import PREFIX, TOKEN, Reply, counterpart


@pytest.fixture
def running(tmp_path, monkeypatch):
    """Tells of a server as Jupyter Server itself does: by a file in the runtime folder."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    def tell(name, port, **info):
        told = {
            "base_url": "/",
            "hostname": "localhost",
            "password": False,
            "pid": os.getpid(),
            "port": port,
            "root_dir": "/srv",
            "secure": False,
            "sock": "",
            "token": TOKEN,
            "url": f"http://localhost:{port}/",
        }
        (tmp_path / f"jpserver-{name}.json").write_text(json.dumps(told | info))

    return tell


@pytest.fixture
def second():
    with counterpart() as server:
        yield server


def ours(server):
    server.on("GET", "status", Reply(body={"role": "local"}))


def port(address):
    return int(address.url.partition("://")[2].partition("/")[0].rpartition(":")[2])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://localhost:8888", "http://localhost:8888/pythonmastery/api/v1/"),
        ("http://localhost:8888/user/ada/", "http://localhost:8888/user/ada/pythonmastery/api/v1/"),
        ("http://h/x/lab?token=1", "http://h/x/pythonmastery/api/v1/"),
        ("https://h/lab/tree/a.ipynb", "https://h/pythonmastery/api/v1/"),
        ("http://h/pythonmastery/api/v1", "http://h/pythonmastery/api/v1/"),
        ("localhost:8888", "http://localhost:8888/pythonmastery/api/v1/"),
    ],
)
def test_any_address_that_a_person_may_have_at_hand_will_do(given, wanted):
    assert api_url(given) == wanted


def test_what_the_person_has_set_goes_first():
    hub = {"JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/", "JUPYTERHUB_API_TOKEN": "h"}
    env = {"PYTHONMASTERY_URL": "http://x/", "PYTHONMASTERY_TOKEN": "t", **hub}
    address = find_server(env)
    assert (address.url, address.token) == ("http://x" + PREFIX, "t")


def test_under_jupyterhub_it_is_the_users_own_server():
    env = {
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8080/",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "JUPYTERHUB_API_TOKEN": "hub-token",
    }
    address = find_server(env)
    assert address.url == "http://127.0.0.1:8080/user/ada" + PREFIX
    assert address.token == "hub-token"


def test_jupyters_own_variables_are_taken():
    address = find_server({"JUPYTER_SERVER_URL": "http://localhost:9/b/", "JUPYTER_TOKEN": "j"})
    assert (address.url, address.token) == ("http://localhost:9/b" + PREFIX, "j")


def test_the_server_that_started_the_kernel_goes_before_others(running, faulty, second, tmp_path):
    ours(faulty)
    ours(second)
    running("a", faulty.server_port, pid=os.getppid())
    running("b", second.server_port, root_dir=str(tmp_path))
    assert port(find_server({"JPY_PARENT_PID": str(os.getppid())}, tmp_path)) == faulty.server_port


def test_the_server_of_the_folder_goes_before_others(running, faulty, second, tmp_path):
    ours(faulty)
    ours(second)
    running("a", faulty.server_port, root_dir=str(tmp_path.parent))
    running("b", second.server_port, root_dir=str(tmp_path))
    assert port(find_server({}, tmp_path / "course")) == second.server_port


def test_a_server_without_pythonmastery_is_passed_over(running, faulty, second, tmp_path):
    ours(second)
    running("a", faulty.server_port, root_dir=str(tmp_path))
    running("b", second.server_port)
    assert port(find_server({}, tmp_path)) == second.server_port


def test_a_server_of_a_hub_user_takes_the_hubs_token(running, faulty, tmp_path):
    ours(faulty)
    running("a", faulty.server_port, token="")
    env = {"JUPYTERHUB_API_TOKEN": "hub-token", "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:0/"}
    assert find_server(env, tmp_path).token == "hub-token"


def test_without_any_server_the_ways_to_one_are_told(running, tmp_path):
    with pytest.raises(NoServer, match="pythonmastery lab"):
        find_server({}, tmp_path)
