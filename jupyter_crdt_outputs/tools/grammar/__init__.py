"""What can be said on the command line. Imports nothing that takes time: completion reads this at each key."""

from .parser import PROGRAM, parser

__all__ = ["PROGRAM", "parser"]
