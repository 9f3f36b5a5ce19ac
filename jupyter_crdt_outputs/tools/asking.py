"""Asking before something is done that cannot be undone."""

from __future__ import annotations

import argparse
import sys

from .refused import Refused


def confirm(options: argparse.Namespace, question: str) -> None:
    """Return if the user means it: by ``--yes``, or by answering on the terminal.

    Raises:
        Refused: the answer was no, or there is nobody to ask.
    """
    if options.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused(f"{question} Nobody can be asked here: give --yes if you mean it")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("nothing was done")
