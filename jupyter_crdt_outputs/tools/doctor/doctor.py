"""``doctor``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jupyter_core.paths import jupyter_config_path, jupyter_path
from traitlets import TraitError

from ... import __version__
from ...errors import CrdtOutputsError, InvalidSetting, UpstreamMoved
from ..configuration import SECTION, Configuration
from ..output import print_json, url_text
from ..switching import switched_on
from .checks import Check, Level
from .store_checks import check_store

UPSTREAM = (
    "jupyterlab",
    "jupyter-server",
    "jupyter-collaboration",
    "jupyter-server-ydoc",
    "jupyter-ydoc",
    "pycrdt",
    "fsspec",
)

# What docs/administrators.md says about it: the two want to be the only ones who make rooms.
_REPLACES_ROOMS = "jupyter_server_documents"


def doctor(options: argparse.Namespace) -> int:
    """Look at everything that can be wrong, print each line as it is known, and leave with the first error's code."""
    checks: list[Check] = []
    for check in _checks(options):
        checks.append(check)
        if not options.json:
            print(check.line(), flush=True)
    codes = [check.exit_code for check in checks if check.level is Level.ERROR]
    if options.json:
        print_json({"ok": not codes, "checks": [check.to_json() for check in checks]})
    return codes[0] if codes else 0


def _checks(options: argparse.Namespace) -> Iterator[Check]:
    yield Check("jupyter-crdt-outputs", f"{__version__}, Python {platform.python_version()} in {sys.prefix}")
    yield from map(_installed, UPSTREAM)
    yield from _attempt("configuration", lambda: _settings(Configuration()))
    yield from _attempt("upstream", _upstream)
    yield from _attempt("server extension", lambda: _server_extension(Configuration()))
    yield _lab_extension()
    yield Check("nbconvert", _nbconvert())
    yield from _attempt("store", lambda: check_store(options))


def _attempt(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """What *look* finds; an error ends it, and not the rest."""
    try:
        yield from look()
    except CrdtOutputsError as error:
        yield Check(name, str(error), Level.ERROR, exit_code=error.exit_code)


def _installed(name: str) -> Check:
    try:
        return Check(name, version(name))
    except PackageNotFoundError:
        return Check(name, "not installed", Level.ERROR, exit_code=UpstreamMoved.exit_code)


def _settings(configuration: Configuration) -> Iterator[Check]:
    """Each setting as the server would have it. Raises InvalidSetting for one that cannot work."""
    from ...app import CrdtOutputsApp  # late, as are all the server's parts: they take more than a second
    from ...options import Options

    try:
        app = CrdtOutputsApp(config=configuration.values)
        app.checked()
    except TraitError as error:
        raise InvalidSetting(str(error)) from error
    for name in sorted(Options.class_own_traits(config=True)):
        value = getattr(app, name)
        yield Check(name, url_text(str(value)), origin=configuration.setting(SECTION, name, value).origin)
    if not app.enabled:
        yield Check("enabled", "outputs are not recorded while CrdtOutputsApp.enabled is False", Level.WARNING)


def _upstream() -> Iterator[Check]:
    from ...document.rooms import check_upstream

    check_upstream()
    yield Check("upstream", "looks as it must")


def _server_extension(configuration: Configuration) -> Iterator[Check]:
    """Whether a server would load this package, by the rule of ``ServerApp.find_server_extensions``."""
    from jupyter_server.extension.config import ExtensionConfigManager

    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    enabled = dict(manager.get_jpserver_extensions())  # type: ignore[no-untyped-call]
    enabled |= configuration.setting("ServerApp", "jpserver_extensions", {}).value
    ours = __name__.partition(".")[0]
    if not enabled.get(ours):
        remedy = f"jupyter server extension enable {ours}"
        yield Check("server extension", f"servers do not load it: {remedy}", Level.WARNING)
    elif enabled.get(_REPLACES_ROOMS):
        message = f"stays off beside {_REPLACES_ROOMS}: jupyter server extension disable {_REPLACES_ROOMS}"
        yield Check("server extension", message, Level.ERROR, exit_code=UpstreamMoved.exit_code)
    else:
        yield Check("server extension", "enabled")


def _nbconvert() -> str:
    """Whether ``jupyter nbconvert`` resolves references. Either way may be what is wanted."""
    files = ", ".join(map(str, switched_on()))
    if files:
        return f"resolves references, by {files}"
    return "shows the text beside references; to have their originals: jupyter crdt-outputs enable-nbconvert"


def _lab_extension() -> Check:
    """Whether JupyterLab would find the built extension, of this version."""
    for folder in jupyter_path("labextensions", "jupyter-crdt-outputs"):
        with suppress(OSError, ValueError):
            found = json.loads((Path(folder) / "package.json").read_text("utf-8"))["version"]
            if found == __version__:
                return Check("lab extension", folder)
            message = f"{folder} is of version {found}, not {__version__}: install the package again"
            return Check("lab extension", message, Level.WARNING)
    return Check("lab extension", "not found, so references are shown as text: install the package", Level.WARNING)
