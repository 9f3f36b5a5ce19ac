"""Commands, and the arguments that several of them take."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

DIGEST = "the SHA-256, or its first 8 digits or more"


class Commands:
    """The commands of *parser*, to which others are added."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(required=True, metavar="command", dest="command")

    def add(self, name: str, run: str, help_: str, *, store: bool = True) -> argparse.ArgumentParser:
        """Add one.

        Args:
            name: of the command.
            run: the module below ``tools`` and the function to call, ``module:function``.
            help_: what it does.
            store: whether it can be told which store to work on.
        """
        command = self._commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="results as JSON, for programs")
        if store:
            command.add_argument("--store", metavar="URL", help="a path or URL; default: the store of the server")
        return command


def takes_notebooks(command: argparse.ArgumentParser, help_: str) -> None:
    """Notebook files, by an option that may be repeated."""
    command.add_argument(
        "--notebook", action="append", default=[], type=Path, metavar="NB", dest="notebooks", help=help_
    )


def takes_roots(command: argparse.ArgumentParser, help_: str) -> None:
    """Folders of notebooks, likewise."""
    command.add_argument("--root", action="append", default=[], type=Path, metavar="DIR", dest="roots", help=help_)


def may_be_confirmed(command: argparse.ArgumentParser) -> None:
    """A yes beforehand, to what cannot be undone."""
    command.add_argument("--yes", action="store_true", help="do not ask")


def takes_digests(command: argparse.ArgumentParser, name: str, help_: str = DIGEST, **options: Any) -> None:
    """Digests, which the shell completes.

    Args:
        command: that takes them.
        name: of the argument.
        help_: what they are.
        options: of argparse.
    """
    argument = command.add_argument(name, help=help_, **{"metavar": "DIGEST", **options})
    argument.completer = _complete_digest  # type: ignore[attr-defined]  # where argcomplete looks


def count(text: str) -> int:
    """A number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _complete_digest(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    from ..completion import digests  # late: reads the store

    return digests(prefix, parsed_args)
