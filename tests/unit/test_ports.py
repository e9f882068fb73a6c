"""What keeps apart the servers of tests that run side by side."""

import socket
import subprocess
import sys

from tests import ports
from tests.ports import free_port

TELL = "from tests.ports import _is_ours; import sys; print(_is_ours(int(sys.argv[1])))"


def test_the_system_gives_such_a_port_to_nobody():
    assert free_port() not in ports.ephemeral()


def test_a_port_is_given_once_and_to_one_run_of_the_tests():
    one, other = free_port(), free_port()
    assert one != other
    told = subprocess.run(
        [sys.executable, "-c", TELL, str(one)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


def test_a_port_where_somebody_listens_is_passed_over(monkeypatch):
    first = free_port()
    with socket.create_server(("127.0.0.1", first)):
        monkeypatch.setattr(ports, "_numbers", iter([first, first + 1]))
        assert free_port() != first
