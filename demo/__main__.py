"""``python -m demo``: the demo notebook in JupyterLab, or with ``--headless`` through a server without a browser."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from . import headless, lab

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "demo.ipynb"
RUN = HERE / ".run"


def main() -> int:
    """Run the demo that the command line asks for."""
    parser = argparse.ArgumentParser(prog="dev.py demo", description="See the extension at work.")
    parser.add_argument("--headless", action="store_true", help="run the notebook without a browser, print a table")
    parser.add_argument("--port", type=int, default=8888, help="first port to try (default: 8888)")
    options = parser.parse_args()
    shutil.rmtree(RUN, ignore_errors=True)
    if options.headless:
        return asyncio.run(headless.run(NOTEBOOK, RUN))
    return lab.start(NOTEBOOK, RUN, first_port=options.port)


if __name__ == "__main__":
    sys.exit(main())
