"""See that ``pip uninstall`` has left nothing behind that Jupyter could find. Run with the user's interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NAMES = ("crdt_outputs", "crdt-outputs")


def main() -> int:
    """Print what is left; 1 if anything is."""
    left = [
        str(Path(folder, name))
        for folder, folders, files in os.walk(sys.prefix)
        for name in (*folders, *files)
        if any(ours in name for ours in NAMES)
    ]
    for arguments in (["server", "extension", "list"], ["labextension", "list"]):
        ran = subprocess.run([sys.executable, "-m", "jupyter", *arguments], capture_output=True, text=True, check=False)
        left += [line for line in (ran.stdout + ran.stderr).splitlines() if any(ours in line for ours in NAMES)]
    print("\n".join(["left behind:", *left]) if left else "ok  nothing is left behind")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
