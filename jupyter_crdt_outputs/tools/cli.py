"""The command line, ``jupyter crdt-outputs``."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from .. import __version__
from ..errors import CrdtOutputsError
from ..store import open_store

UPSTREAM = (
    "jupyterlab",
    "jupyter-server",
    "jupyter-collaboration",
    "jupyter-server-ydoc",
    "jupyter-ydoc",
    "pycrdt",
    "fsspec",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name (default: those of the process) and return its exit code.

    The code is 0, or the ``exit_code`` of the error that ended the command; its message is printed to stderr.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except CrdtOutputsError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter crdt-outputs", description="Outputs of notebooks in a store.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")
    doctor = commands.add_parser(
        "doctor", help="say what is installed and configured, and try to write to the store and read back"
    )
    doctor.set_defaults(run=_doctor)
    return parser


def _doctor(_options: argparse.Namespace) -> int:
    # The server's parts are imported here: asking for the version must not wait for them.
    from jupyter_server.serverapp import ServerApp

    from ..app import CrdtOutputsApp
    from ..document.rooms import check_upstream

    _tell("jupyter-crdt-outputs", __version__)
    for name in UPSTREAM:
        _tell(name, _installed(name))
    server = ServerApp()
    server.load_config_file()
    app = CrdtOutputsApp(config=server.config)
    app.load_config_file()
    for name in sorted(app.class_own_traits(config=True)):
        _tell(name, str(getattr(app, name)))
    check_upstream()
    _tell("upstream", "looks as it must")
    _try_store(app.store_url)
    _tell("store", "can be written, and gives back what was written")
    return 0


def _try_store(url: str) -> None:
    store, data = open_store(url), secrets.token_bytes(1024)
    digest = store.put(data)
    try:
        store.get(digest)
    finally:
        store.delete(digest)


def _tell(name: str, value: str) -> None:
    print(f"{name:<24}{value}", flush=True)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main())
