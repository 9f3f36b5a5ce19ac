"""Hooks as an administrator configures them; each writes down what it was shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def before(model: dict[str, Any], path: str, **_: Any) -> None:
    if model["type"] == "notebook":
        Path(f"{path}.before").write_text(json.dumps(model["content"]))


def after(model: dict[str, Any], os_path: str, **_: Any) -> None:
    if model["type"] == "notebook":
        Path(f"{os_path}.after").write_text(str(Path(os_path).stat().st_size))
