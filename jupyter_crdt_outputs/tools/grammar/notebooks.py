"""What can be said about notebook files: ways out of the store, and into it."""

from __future__ import annotations

import argparse
from pathlib import Path

from .arguments import Commands, count, takes_digests


def add(commands: Commands) -> None:
    """The commands that write notebooks, complete ones or others."""
    _export(commands)
    _import(commands)
    _restore(commands)
    _pull(commands)


def _export(commands: Commands) -> None:
    export = commands.add("export", "export.exporting:export", "write complete copies of notebooks, for anybody")
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


def _import(commands: Commands) -> None:
    import_ = commands.add("import", "notebooks.importing:import_", "put large outputs of notebooks into the store")
    import_.add_argument("sources", nargs="+", type=Path, metavar="NB|DIR", help="notebooks, or folders of them")
    import_.add_argument(
        "--larger-than",
        type=count,
        metavar="BYTES",
        help="only outputs with a part of more; default: what the notebook says, or what leaves shared documents",
    )
    import_.add_argument(
        "--remember", action="store_true", help="have the server keep the limit, by the notebook's metadata"
    )
    import_.add_argument("--dry-run", action="store_true", help="only tell what would be put there")


def _restore(commands: Commands) -> None:
    restore = commands.add(
        "restore",
        "notebooks.restoring:restore",
        "make notebooks complete again where they are; or bring artifacts back from the trash",
    )
    takes_digests(
        restore,
        "what",
        "notebooks, and folders of them; or digests of artifacts in the trash. "
        "What exists, ends with .ipynb or has a slash is a path",
        nargs="*",
        metavar="NB|DIR|DIGEST",
    )
    restore.add_argument("--all", action="store_true", help="all artifacts that are in the trash")
    _allow_missing(restore, "leave the reference where an output is lost")


def _pull(commands: Commands) -> None:
    pull = commands.add(
        "pull", "notebooks.pulling:pull", "fetch what notebooks refer to from another store into this one"
    )
    pull.add_argument("what", nargs="+", type=Path, metavar="NB|DIR", help="notebooks, or folders of them")
    pull.add_argument(
        "--from", dest="source", required=True, metavar="URL", help="the store that has it: a path or URL"
    )
    pull.add_argument("--dry-run", action="store_true", help="only tell what would be fetched, and what is missing")


def _allow_missing(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--allow-missing", action="store_true", help=f"{help_}, and warn, instead of failing")
