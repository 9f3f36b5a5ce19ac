"""The directories of a server of a test and the configuration in them, which share nothing with those of a user."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jupyter_crdt_outputs

EXTENSION = "jupyter_crdt_outputs"
LAB_EXTENSION = "jupyter-crdt-outputs"

_NEIGHBOURS = ("jupyter_lsp", "jupyterlab_jupytext", "nbdime")
"""Server extensions that switch themselves on where they are installed: on only in a test that asks for one."""

_NOT_IN_TESTS = (
    "@jupyterlab/apputils-extension:announcements",  # asks the user a question, and the network for news
    "jupyterlab-jupytext",  # what tools that tests need bring along for JupyterLab
    "nbdime-jupyterlab",
)

Config = Mapping[str, Mapping[str, Any]]


class ServerHome:
    """Every directory of one server, below *path*.

    Args:
        path: an empty or a reused directory.

    Attributes:
        root_dir: of the notebooks.
        data_dir: Jupyter's.
        log_path: of what the server writes.
        ystore_path: of the document history.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root_dir = path / "root"
        self.data_dir = path / "data"
        self.log_path = path / "server.log"
        self.ystore_path = path / "ystore.db"

    def environment(self, python_path: Sequence[Path] = ()) -> dict[str, str]:
        """All variables of the server's process: those of this one, but for where Jupyter's directories are.

        Args:
            python_path: directories put before the server's import path.
        """
        package_root = Path(jupyter_crdt_outputs.__file__).parents[1]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))},
            "HOME": str(self.path),
            "IPYTHONDIR": str(self.path / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.path / "config"),
            "JUPYTER_DATA_DIR": str(self.data_dir),
            "JUPYTER_RUNTIME_DIR": str(self.path / "runtime"),
            "PYTHONPATH": os.pathsep.join(map(str, (*python_path, package_root))),
            "PYTHONUNBUFFERED": "1",
        }

    def configure(
        self,
        token: str,
        *,
        with_us: bool,
        config: Config,
        extensions: Sequence[str],
        disabled_lab_extensions: Sequence[str],
    ) -> None:
        """Make the directories, and write the server's and the page's configuration.

        Args:
            token: that authenticates a client.
            with_us: whether this extension is on.
            config: settings by class; they win over the defaults here.
            extensions: further server extension modules to switch on.
            disabled_lab_extensions: further lab extensions or plugins to switch off.
        """
        config_dir = self.path / "config"
        for directory in (self.root_dir, self.data_dir, self.path / "runtime", config_dir / "labconfig"):
            directory.mkdir(parents=True, exist_ok=True)
        switched = {EXTENSION: with_us, **dict.fromkeys(_NEIGHBOURS, False), **dict.fromkeys(extensions, True)}
        written = self._server_config(token, switched)
        for section, values in config.items():
            written.setdefault(section, {}).update(values)
        (config_dir / "jupyter_server_config.json").write_text(json.dumps(written, indent=2))
        disabled = dict.fromkeys((*_NOT_IN_TESTS, *disabled_lab_extensions), True)
        if not with_us:
            disabled[LAB_EXTENSION] = True
        page_config = {"disabledExtensions": disabled}
        (config_dir / "labconfig" / "page_config.json").write_text(json.dumps(page_config, indent=2))

    def _server_config(self, token: str, extensions: Mapping[str, bool]) -> dict[str, dict[str, Any]]:
        return {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port_retries": 0,
                "allow_root": True,
                "open_browser": False,
                "root_dir": str(self.root_dir),
                "jpserver_extensions": dict(extensions),
            },
            "IdentityProvider": {"token": token},
            "SQLiteYStore": {"db_path": str(self.ystore_path)},
            "FileContentsManager": {"delete_to_trash": False},
            "LabApp": {
                # In the environment, they would be read when JupyterLab is imported.
                "user_settings_dir": str(self.path / "settings"),
                "workspaces_dir": str(self.path / "workspaces"),
                "news_url": None,
                "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
                "extra_labextensions_path": [str(self._own_lab_extension())],
            },
        }

    def _own_lab_extension(self) -> Path:
        """A directory that holds the built lab extension of this source tree, so that nothing need be installed."""
        directory = self.path / "labextensions"
        directory.mkdir(exist_ok=True)
        built = Path(jupyter_crdt_outputs.__file__).parent / "labextension"
        link = directory / LAB_EXTENSION
        if built.is_dir() and not link.is_symlink():
            link.symlink_to(built, target_is_directory=True)
        return directory
