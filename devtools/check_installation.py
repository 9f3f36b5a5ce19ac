"""See that Jupyter finds what a plain ``pip install`` of the wheel left behind. Run with the user's interpreter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import jupyter_crdt_outputs

CHECKS = {
    "the server extension is enabled": (["server", "extension", "list"], r"jupyter_crdt_outputs \S*enabled"),
    "the server extension loads": (["server", "extension", "list"], r"jupyter_crdt_outputs \S+ \S*OK"),
    "the lab extension is enabled": (["labextension", "list"], r"jupyter-crdt-outputs v\S+ \S*enabled\S* \S*OK"),
    "the command is there": (["crdt-outputs", "--version"], re.escape(jupyter_crdt_outputs.__version__)),
}


def main() -> int:
    """Print what was looked for and whether it is there; 1 if anything is not."""
    home = Path(jupyter_crdt_outputs.__file__).parent
    failed = 0 if Path(sys.prefix) in home.parents else 1
    print(f"installed in {home}")
    for what, (arguments, pattern) in CHECKS.items():
        ran = subprocess.run([sys.executable, "-m", "jupyter", *arguments], capture_output=True, text=True, check=False)
        said = re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout + ran.stderr)
        found = re.search(pattern, said) is not None and ran.returncode == 0
        failed += not found
        print(f"{'ok ' if found else 'NOT'} {what}" + ("" if found else f"\n{said}"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
