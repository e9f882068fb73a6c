"""The package as Jupyter and IPython meet it."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pythonmastery_ext

ROOT = Path(pythonmastery_ext.__file__).parent.parent


def modules_after(statement: str) -> set[str]:
    code = f"import sys, json; before = set(sys.modules); {statement}; " + (
        "sys.stdout.write(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_version_is_the_one_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert pythonmastery_ext.__version__ == project["version"]


def test_importing_the_package_loads_nothing_else():
    loaded = modules_after("import pythonmastery_ext")
    top = {name.partition(".")[0] for name in loaded}
    assert top - sys.stdlib_module_names == {"pythonmastery_ext"}
    assert {name for name in loaded if name.startswith("pythonmastery_ext.")} == set()


def test_the_kernel_side_loads_nothing_of_the_server():
    loaded = modules_after("import pythonmastery_ext.notebook")
    server = {"sqlalchemy", "psycopg", "google", "grader", "procrastinate"}
    assert not {name.partition(".")[0] for name in loaded} & server
    assert "jupyter_server.serverapp" not in loaded
    assert "pythonmastery_ext.app" not in loaded


def test_jupyterlab_is_told_where_the_front_end_lies():
    [path] = pythonmastery_ext._jupyter_labextension_paths()
    assert path == {"src": "labextension", "dest": "pythonmastery"}


def test_jupyter_server_is_told_what_to_load():
    [point] = pythonmastery_ext._jupyter_server_extension_points()
    assert point["module"] == "pythonmastery_ext.app"
    assert point["app"].name == "pythonmastery"
