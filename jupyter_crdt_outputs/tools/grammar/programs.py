"""What can be said about other programs: nbconvert and git."""

from __future__ import annotations

from pathlib import Path

from .arguments import Commands, count


def add(commands: Commands) -> None:
    """The commands that other programs are set up with, or call."""
    _nbconvert(commands)
    _git(commands)


def _nbconvert(commands: Commands) -> None:
    for name, run, help_ in (
        ("enable-nbconvert", "switching:enable", "have jupyter nbconvert put originals in the place of references"),
        ("disable-nbconvert", "switching:disable", "undo enable-nbconvert"),
    ):
        switch = commands.add(name, run, help_, store=False)
        levels = switch.add_mutually_exclusive_group()
        for level, whom in (
            ("user", "for you alone, which is the default"),
            ("sys-prefix", "for all who use this environment"),
            ("system", "for all on this machine"),
        ):
            levels.add_argument(
                f"--{level}", dest="level", action="store_const", const=level, default="user", help=whom
            )


def _git(commands: Commands) -> None:
    textconv = commands.add("git-textconv", "git.textconv:textconv", "print a notebook for git diff", store=False)
    textconv.add_argument("path", type=Path, metavar="NB", help="a notebook")
    clean = commands.add("git-clean", "git.filter:clean", "a filter: references for large outputs")
    clean.add_argument("--larger-than", type=count, metavar="BYTES", help="than this; default: as the server has it")
    clean.add_argument("--no-pin", action="store_true", help="let a collection remove what only commits refer to")
    smudge = commands.add("git-smudge", "git.filter:smudge", "a filter: originals for references")
    for each in (clean, smudge):
        each.add_argument("path", nargs="?", metavar="NB", help="the name of what comes from stdin: %%f of git")
