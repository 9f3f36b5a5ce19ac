"""Asking nbformat whether a notebook is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nbformat

_MINORS = 5, 4
"""Of format 4, those that people have: the newest, and the last without ids."""


def is_valid(notebook: Mapping[str, Any]) -> bool:
    """Whether nbformat has nothing to say about *notebook*, which is not changed."""
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError:
        return False
    return True


def make_validators() -> None:
    """Have nbformat compile its schemas now: it takes longer than to open a notebook, and the first would wait."""
    for minor in _MINORS:
        is_valid({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": minor})
