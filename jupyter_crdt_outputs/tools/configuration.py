"""The server's configuration, read as the server reads it, but in a tenth of a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, FileConfigLoader, JSONFileConfigLoader, PyFileConfigLoader

from ..errors import InvalidSetting
from ..model.policy import Policy

SECTION = "CrdtOutputsApp"
DEFAULT = "default"

# Lowest first: the files of the extension, those of every Jupyter program, those of the server.
_FILES = ("jupyter_jupyter_crdt_outputs_config", "jupyter_config", "jupyter_server_config")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and what set it: the path of a file, or :data:`DEFAULT`."""

    value: Any
    origin: str


class Configuration:
    """What the configuration files say. Options on the command line of a running server are not seen.

    The rule, which file wins, is that of ``jupyter_server`` 2: a test compares.

    Raises:
        InvalidSetting: a file cannot be read. The server would log that and pass it over; housekeeping on the store
            that is then the default one would be worse than none.
    """

    def __init__(self) -> None:
        self.values = Config()
        self._origins: dict[tuple[str, str], str] = {}
        for name in _FILES:
            for folder in reversed(jupyter_config_path()):
                for loader in (PyFileConfigLoader, JSONFileConfigLoader):
                    suffix = ".py" if loader is PyFileConfigLoader else ".json"
                    self._take(loader(name + suffix, path=folder), Path(folder) / (name + suffix))

    def setting(self, section: str, name: str, default: Any) -> Setting:
        """A trait's value, and the file that it is from."""
        value = self.values[section].get(name) if section in self.values else None
        if value is None:
            return Setting(default, DEFAULT)
        return Setting(value, self._origins[section, name])

    def store_url(self) -> Setting:
        """Where the server keeps artifacts."""
        return self.setting(SECTION, "store_url", str(Path(jupyter_data_dir()) / "crdt-outputs"))

    def root_dir(self) -> Setting:
        """The folder of the server's notebooks: the current one, unless a file says otherwise."""
        return self.setting("ServerApp", "root_dir", str(Path.cwd()))

    def policy(self) -> Policy:
        """What the server takes out of documents."""
        limit = self.setting(SECTION, "document_max_bytes", Policy().document_max_bytes)
        if not isinstance(limit.value, int):
            raise InvalidSetting(f"{SECTION}.document_max_bytes in {limit.origin} is no number of bytes: give one")
        return Policy(limit.value)

    def _take(self, loader: FileConfigLoader, path: Path) -> None:
        try:
            found = loader.load_config()
        except ConfigFileNotFound:
            return
        except (Exception, SystemExit) as error:  # the file is a program: it may raise anything
            reason = f"{type(error).__name__}: {error}"
            raise InvalidSetting(
                f"the configuration file {path} cannot be read ({reason}). Repair it first."
            ) from error
        self.values.merge(found)
        for section, values in found.items():
            if isinstance(values, Config):
                self._origins |= {(section, name): str(path) for name in values}
