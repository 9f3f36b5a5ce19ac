"""The README's first command, without a screen."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_headless_demo_finds_every_large_output_in_the_store_and_the_saved_notebook_complete() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "demo", "--headless"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    factor = re.search(r"The document holds ([\d,]+) times less than was produced", ran.stdout)
    assert factor is not None
    assert int(factor[1].replace(",", "")) > 1000
