"""What can be said on the command line. Imports nothing that takes time: completion reads this at each key."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from .. import __version__
from . import grammar_running

PROGRAM = "jupyter crdt-outputs"
AREAS = ("artifacts", "trash", "quarantine")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # it has no other name

_DIGEST = "the SHA-256, or its first 8 digits or more"


def parser() -> argparse.ArgumentParser:
    """The parser. What it returns has ``run``: the module in this package and the function to call, ``module:name``."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Outputs of notebooks in a store.",
        epilog="Sizes are in MB for people, in bytes in JSON. Exit codes: 0 done, 1 failed, 2 a wrong argument or "
        "setting, 3 missing, 4 corrupt, 5 the store does not answer, 6 full, 7 upstream moved, 8 purged, 9 another gc "
        "is at work, 10 a notebook cannot be read, 11 a cell has another source, 12 not now, 13 no kernel, 14 too many "
        "wait, 15 not allowed, 16 no server answers, 124 out of time, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(required=True, metavar="command", dest="command")
    _reading(commands)
    _housekeeping(commands)
    _keeping(commands)
    _ways_out(commands)
    _other_programs(commands)
    _git(commands)
    grammar_running.add(lambda name, run, help_: _command(commands, name, run, help_, store=False))
    return top


def _reading(commands: Commands) -> None:
    ls = _command(commands, "ls", "listing:ls", "list what is in the store; JSON: one line for each artifact")
    ls.add_argument("--sort", choices=("size", "age", "digest"), help="largest, newest, or lowest first; else unsorted")
    ls.add_argument("--reverse", action="store_true", help="the other way round")
    ls.add_argument("--limit", type=_count, metavar="N", help="no more than N lines")
    ls.add_argument("--area", choices=AREAS, default=AREAS[0], help="look into the trash or the quarantine instead")

    cat = _command(commands, "cat", "reading:cat", "write an artifact's bytes, verified, to the terminal or a file")
    _digest(cat.add_argument("digest", metavar="DIGEST", help=_DIGEST))
    cat.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE, whole or not at all")

    stats = _command(commands, "stats", "stats:stats", "count what is in the store, by age, type and notebook")
    _roots(stats, "look for notebooks in DIR too; default: the server's root")

    doctor = _command(commands, "doctor", "doctor:doctor", "say what is configured and installed, and what is wrong")
    doctor.add_argument("--no-write", action="store_true", help="do not try whether the store can be written")


def _housekeeping(commands: Commands) -> None:
    verify = _command(
        commands, "verify", "verification:verify", "hash artifacts again; move corrupt ones to quarantine"
    )
    _digest(verify.add_argument("digests", nargs="*", metavar="DIGEST", help=_DIGEST + "; none: all that are there"))
    _notebooks(verify, "what this notebook's outputs are stored as")
    verify.add_argument("--dry-run", action="store_true", help="only tell what is corrupt")
    verify.add_argument("--threads", type=_count, metavar="N", help="how many artifacts at once")

    copy = _command(commands, "copy", "copying:copy", "copy a store; skips what is there already", store=False)
    copy.add_argument("source", metavar="FROM", help="a path or URL")
    copy.add_argument("target", metavar="TO", help="a path or URL")
    copy.add_argument("--dry-run", action="store_true", help="only tell what would be copied")

    gc = _command(commands, "gc", "collecting:gc", "say what nobody refers to any more; with --delete, let it go")
    gc.add_argument("--delete", action="store_true", help="move to the trash, and remove what was there long enough")
    gc.add_argument(
        "--grace-days", type=float, metavar="N", help="keep so long what is not in use, and then in the trash"
    )
    _roots(gc, "respect what notebooks in DIR refer to, from now on; give it with every --delete")
    gc.add_argument("--forget", metavar="SERVER", help="wait for this server no longer: it is gone for good")
    _yes(gc)


def _keeping(commands: Commands) -> None:
    pin = _command(commands, "pin", "keeping:pin", "keep artifacts whatever refers to them; without any, list them")
    _digest(pin.add_argument("digests", nargs="*", metavar="DIGEST", help=_DIGEST))
    _notebooks(pin, "all that this notebook's outputs are stored as")
    pin.add_argument("--reason", default="", metavar="TEXT", help="why, for people")

    unpin = _command(commands, "unpin", "keeping:unpin", "let pinned artifacts go as others do")
    _digest(unpin.add_argument("digests", nargs="*", metavar="DIGEST", help=_DIGEST))
    _notebooks(unpin, "all that this notebook's outputs are stored as")

    purge = _command(commands, "purge", "purging:purge", "remove artifacts for good, and refuse their bytes ever after")
    _digest(purge.add_argument("digests", nargs="+", metavar="DIGEST", help=_DIGEST))
    purge.add_argument("--reason", default="", metavar="TEXT", help="why; whoever asks for it is told")
    _yes(purge)


def _ways_out(commands: Commands) -> None:
    export = _command(commands, "export", "exporting:export", "write complete copies of notebooks, for anybody")
    export.add_argument("source", type=Path, metavar="NB|DIR", help="a notebook, or a folder: its tree is kept")
    export.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE|DIR", help="NAME.ipynb, NAME.zip, or a folder"
    )
    export.add_argument(
        "--to",
        choices=("notebook", "markdown", "html"),
        default="notebook",
        help="what to write; in a zip, all figures and data are beside it as files",
    )
    export.add_argument("--force", action="store_true", help="replace files that are there")
    _allow_missing(export, "write a placeholder for an output that is lost")

    import_ = _command(commands, "import", "importing:import_", "put large outputs of notebooks into the store")
    import_.add_argument("sources", nargs="+", type=Path, metavar="NB|DIR", help="notebooks, or folders of them")
    import_.add_argument(
        "--larger-than",
        type=_count,
        metavar="BYTES",
        help="only outputs with a part of more; default: what the notebook says, or what leaves shared documents",
    )
    import_.add_argument(
        "--remember", action="store_true", help="have the server keep the limit, by the notebook's metadata"
    )
    import_.add_argument("--dry-run", action="store_true", help="only tell what would be put there")

    restore = _command(
        commands,
        "restore",
        "restoring:restore",
        "make notebooks complete again where they are; or bring artifacts back from the trash",
    )
    _digest(
        restore.add_argument(
            "what",
            nargs="*",
            metavar="NB|DIR|DIGEST",
            help="notebooks, and folders of them; or digests of artifacts in the trash. "
            "What exists, ends with .ipynb or has a slash is a path",
        )
    )
    restore.add_argument("--all", action="store_true", help="all artifacts that are in the trash")
    _allow_missing(restore, "leave the reference where an output is lost")

    pull = _command(commands, "pull", "pulling:pull", "fetch what notebooks refer to from another store into this one")
    pull.add_argument("what", nargs="+", type=Path, metavar="NB|DIR", help="notebooks, or folders of them")
    pull.add_argument(
        "--from", dest="source", required=True, metavar="URL", help="the store that has it: a path or URL"
    )
    pull.add_argument("--dry-run", action="store_true", help="only tell what would be fetched, and what is missing")


def _allow_missing(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--allow-missing", action="store_true", help=f"{help_}, and warn, instead of failing")


def _other_programs(commands: Commands) -> None:
    for name, run, help_ in (
        ("enable-nbconvert", "switching:enable", "have jupyter nbconvert put originals in the place of references"),
        ("disable-nbconvert", "switching:disable", "undo enable-nbconvert"),
    ):
        switch = _command(commands, name, run, help_, store=False)
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
    textconv = _command(commands, "git-textconv", "git_text:textconv", "print a notebook for git diff", store=False)
    textconv.add_argument("path", type=Path, metavar="NB", help="a notebook")
    clean = _command(commands, "git-clean", "git_filter:clean", "a filter: references for large outputs")
    clean.add_argument("--larger-than", type=_count, metavar="BYTES", help="than this; default: as the server has it")
    clean.add_argument("--no-pin", action="store_true", help="let a collection remove what only commits refer to")
    smudge = _command(commands, "git-smudge", "git_filter:smudge", "a filter: originals for references")
    for each in (clean, smudge):
        each.add_argument("path", nargs="?", metavar="NB", help="the name of what comes from stdin: %%f of git")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")


def _command(
    commands: Commands,
    name: str,
    run: str,
    help_: str,
    *,
    store: bool = True,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="results as JSON, for programs")
    if store:
        command.add_argument("--store", metavar="URL", help="a path or URL; default: the store of the server")
    return command


def _notebooks(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument(
        "--notebook", action="append", default=[], type=Path, metavar="NB", dest="notebooks", help=help_
    )


def _roots(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--root", action="append", default=[], type=Path, metavar="DIR", dest="roots", help=help_)


def _digest(argument: argparse.Action) -> None:
    argument.completer = _complete_digest  # type: ignore[attr-defined]  # where argcomplete looks


def _complete_digest(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    from .completion import digests  # late: reads the store

    return digests(prefix, parsed_args)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
