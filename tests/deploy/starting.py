"""Starts what the units and the pods start, with their environment and no other, on loopback."""

import re
import shlex
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.deploy import manifests
from tests.hub.classroom import PATIENCE
from tests.ports import free_port

UNITS = manifests.DEPLOY / "systemd"
#: Those that the units and manifests name; each is another one here.
PORTS = ("8000", "8001", "8081", "10101", "10104")
#: Where the manifests mount volumes.
MOUNTED = ("/run/grader", "/keys", "/secret", "/privacy", "/tmp/data", "/backups")


@dataclass
class Ground:
    """A folder in place of the file system of a machine or a pod."""

    folder: Path
    #: In place of both environments.
    python: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """What a unit or a pod says, with the places and ports of the test."""
        places = {
            "%t": str(self.folder / "run"),
            "%d": str(self.folder / "credentials"),
            "%i": "1",
            "%%": "%",
            "/var/lib": str(self.folder / "lib"),
            "/opt/pythonmastery/venv/bin": str(self.python / "bin"),
            "/opt/pythonmastery/service/bin": str(self.python / "bin"),
            "/opt/pythonmastery": str(manifests.ROOT),
            **{place: str(self.folder / place[1:]) for place in MOUNTED},
        }
        # The beginning of a path, not a part in its middle.
        paths = "|".join(place for place in places if place.startswith("/"))
        text = re.sub(rf"%[tdi%]|(?<![\w%])(?:{paths})\b", lambda found: places[found[0]], text)
        ports = "|".join(PORTS)
        return re.sub(rf"\b({ports})\b", lambda found: str(self.ports[found[0]]), text)

    def address(self, port: str) -> str:
        return f"http://127.0.0.1:{self.ports[port]}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def run(self, name: str, words: list[str], env: dict[str, str], cwd: Path) -> None:
        """To its end, which must be a good one."""
        with self.log(name).open("ab") as out:
            done = subprocess.run(words, env=env, cwd=cwd, stdout=out, stderr=out, check=False)
        assert done.returncode == 0, f"{words}\n{self.log(name).read_text()}"

    def start(self, name: str, words: list[str], env: dict[str, str], cwd: Path) -> None:
        with self.log(name).open("ab") as out:
            self.processes[name] = subprocess.Popen(
                words, env=env, cwd=cwd, stdout=out, stderr=out, start_new_session=True
            )

    def until(self, name: str, holds: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            process = self.processes[name]
            assert process.poll() is None, self.log(name).read_text()[-4000:]
            assert time.monotonic() < end, self.log(name).read_text()[-4000:]
            time.sleep(0.05)

    def end(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait(40)


@dataclass(frozen=True)
class Unit:
    """One service of systemd, as systemd would run it but for account and walls."""

    on: Ground
    name: str
    #: What root has put into the files below /etc/pythonmastery.
    files: dict[str, dict[str, str]]

    def said(self, key: str) -> list[str]:
        text = (UNITS / f"pythonmastery-{self.name}.service").read_text()
        return [self.on.here(one) for one in re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)]

    @property
    def environment(self) -> dict[str, str]:
        pairs = [word.partition("=") for line in self.said("Environment") for word in line.split()]
        found = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            **{name: text for name, _, text in pairs},
        }
        for file in self.said("EnvironmentFile"):
            found |= self.files[Path(file).stem]
        return found

    def words(self, line: str) -> list[str]:
        """As systemd takes a command apart: $NAME is any number of words, $$ a dollar."""
        found = []
        for word in shlex.split(line):
            if re.fullmatch(r"\$[A-Z_]+", word):
                found += self.environment.get(word[1:], "").split()
            else:
                found.append(word.replace("$$", "$"))
        return found

    def furnish(self) -> Path:
        """Its folders; returns where it runs."""
        for key, below in (("RuntimeDirectory", "run"), ("StateDirectory", "lib")):
            for name in " ".join(self.said(key)).split():
                (self.on.folder / below / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        return Path((self.said("WorkingDirectory") or ["/"])[0])

    def start(self) -> None:
        cwd = self.furnish()
        for line in self.said("ExecStartPre"):
            self.on.run(self.name, self.words(line), self.environment, cwd)
        lines = self.said("ExecStart")
        if self.said("Type") == ["oneshot"]:
            for line in lines:
                self.on.run(self.name, self.words(line), self.environment, cwd)
            return
        self.on.start(self.name, self.words(lines[0]), self.environment, cwd)
        for line in self.said("ExecStartPost"):
            self.on.run(self.name, self.words(line), self.environment, cwd)


@dataclass(frozen=True)
class Container:
    """One of a pod, as Kubernetes would run it but for account and image."""

    on: Ground
    said: dict[str, Any]
    #: Of the Secrets, by name and key.
    secrets: dict[str, dict[str, str]]

    @property
    def environment(self) -> dict[str, str]:
        found = {"PATH": f"{self.on.python}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp"}
        maps = {one["metadata"]["name"]: one["data"] for one in manifests.of_kind("ConfigMap")}
        for given in self.said.get("envFrom", ()):
            found |= maps[given["configMapRef"]["name"]]
        for entry in self.said.get("env", ()):
            ref = entry.get("valueFrom", {}).get("secretKeyRef")
            if ref is None:
                found[entry["name"]] = self.on.here(entry["value"])
            elif (text := self.secrets.get(ref["name"], {}).get(ref["key"])) is not None:
                found[entry["name"]] = text
            else:
                assert ref.get("optional"), f"{ref} is needed and not made by the operator"
        return found

    @property
    def words(self) -> list[str]:
        words = [*self.said.get("command", ["pythonmastery"]), *self.said.get("args", ())]
        return [self.on.here(word) for word in words]

    def run(self) -> None:
        self.on.run(self.said["name"], self.words, self.environment, Path("/"))

    def start(self) -> None:
        self.on.start(self.said["name"], self.words, self.environment, Path("/"))

    def probe(self, name: str) -> bool:
        """As the kubelet asks."""
        asked = self.said[name]
        if "exec" in asked:
            words = [self.on.here(word) for word in asked["exec"]["command"]]
            return subprocess.run(words, check=False).returncode == 0
        get = asked["httpGet"]
        (port,) = (one["containerPort"] for one in self.said["ports"] if one["name"] == get["port"])
        return ready(self.on.address(str(port)) + get["path"])


def ready(address: str, host: str = "") -> bool:
    try:
        headers = {"Host": host} if host else {}
        return httpx.get(address, headers=headers, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
