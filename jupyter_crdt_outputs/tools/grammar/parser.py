"""All of the grammar."""

from __future__ import annotations

import argparse

from ... import __version__
from . import artifacts, notebooks, programs, running
from .arguments import Commands

PROGRAM = "jupyter crdt-outputs"


def parser() -> argparse.ArgumentParser:
    """The parser. What it returns has ``run``: the module below ``tools`` and the function, ``module:name``."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Outputs of notebooks in a store.",
        epilog="Sizes are in MB for people, in bytes in JSON. Exit codes: 0 done, 1 failed, 2 a wrong argument or "
        "setting, 3 missing, 4 corrupt, 5 the store does not answer, 6 full, 7 upstream moved, 8 purged, 9 another gc "
        "is at work, 10 a notebook cannot be read, 11 a cell has another source, 12 not now, 13 no kernel, 14 too many "
        "wait, 15 not allowed, 16 no server answers, 124 out of time, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = Commands(top)
    for family in (artifacts, notebooks, programs, running):
        family.add(commands)
    return top
