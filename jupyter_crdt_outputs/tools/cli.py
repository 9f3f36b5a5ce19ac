"""The command line, ``jupyter crdt-outputs``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from .. import __version__
from ..errors import CrdtOutputsError

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
    doctor = commands.add_parser("doctor", help="say what is installed, what is configured and whether it works")
    doctor.set_defaults(run=_doctor)
    return parser


def _doctor(_options: argparse.Namespace) -> int:
    print(f"{'jupyter-crdt-outputs':<24}{__version__}")
    for name in UPSTREAM:
        print(f"{name:<24}{_installed(name)}")
    return 0


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main())
