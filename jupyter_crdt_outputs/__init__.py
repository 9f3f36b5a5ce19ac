"""Outputs of JupyterLab notebooks in an artifact store, with small references in the shared document."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the prebuilt lab extension lies in this package, for development installs."""
    return [{"src": "labextension", "dest": "jupyter-crdt-outputs"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """The server extension. Imported late: the pure parts of the package work without jupyter_server."""
    from .app import CrdtOutputsApp

    return [{"module": "jupyter_crdt_outputs", "app": CrdtOutputsApp}]
