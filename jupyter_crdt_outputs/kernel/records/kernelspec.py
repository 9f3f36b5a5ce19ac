"""What kernels are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """What a kernelspec says, as JupyterLab writes it into notebooks."""

    name: str
    display_name: str
    language: str
