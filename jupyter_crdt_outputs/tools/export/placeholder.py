"""What stands in a copy for an output that is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...files.lacks import Lack
from ...model.in_file import from_file


def placeholder(output: Mapping[str, Any], lack: Lack) -> dict[str, Any]:
    """The text that stands beside a reference, and a sentence that says what is missing. Not a reference any more."""
    text = from_file(output)["data"].get("text/plain", "")
    text = text if isinstance(text, str) else "".join(map(str, text))
    said = f"[This output is missing from this copy of the notebook: {lack.error}]"
    rest = {key: value for key, value in output.items() if key == "execution_count"}
    return {
        "output_type": output["output_type"],
        "data": {"text/plain": f"{text}\n{said}" if text else said},
        "metadata": {},
        **rest,
    }
