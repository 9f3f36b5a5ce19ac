"""What the package promises about itself, apart from what it does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_crdt_outputs

ROOT = Path(__file__).resolve().parent.parent
JUPYTER = ["jupyter_server", "jupyter_server_ydoc", "jupyter_ydoc", "jupyterlab", "pycrdt", "tornado"]


def test_the_python_package_and_the_lab_extension_have_one_version() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    assert package["version"] == jupyter_crdt_outputs.__version__


@pytest.mark.parametrize("part", ["model", "store", "streams", "files"])
def test_the_pure_parts_import_where_jupyter_is_not_installed(part: str) -> None:
    hide = f"import sys\nfor name in {JUPYTER!r}: sys.modules[name] = None\n"
    find = f"import pkgutil, importlib, jupyter_crdt_outputs.{part} as part\n"
    use = "for found in pkgutil.walk_packages(part.__path__, part.__name__ + '.'): importlib.import_module(found.name)"
    subprocess.run([sys.executable, "-c", hide + find + use], check=True, cwd=ROOT)
