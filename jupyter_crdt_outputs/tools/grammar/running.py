"""What can be said on the command line about running cells, and about executions."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..typed import typed
from .arguments import Commands


def add(commands: Commands) -> None:
    """The commands that speak with a server, and not with the store."""

    def command(name: str, run: str, help_: str) -> argparse.ArgumentParser:
        return _server(commands.add(name, f"running.{run}", help_, store=False))

    _run(command("run", "run:run", "run cells of a notebook and show what they put out, as it comes"))

    ps = command("ps", "executions:ps", "list executions that run or wait; with --all, also what has ended")
    ps.add_argument("--all", action="store_true", help="also those that have ended, newest first")
    ps.add_argument("--notebook", metavar="NB", help="only those of this notebook, by its path on the server")
    ps.add_argument("--limit", type=int, default=100, metavar="N", help="no more than N; default: 100")

    logs = command("logs", "executions:logs", "show what an execution has put out")
    logs.add_argument("execution", metavar="EXECUTION", help="its id, as ps tells it")
    logs.add_argument("-f", "--follow", action="store_true", help="and what is to come, until it ends")
    _display(logs)

    stale = command("stale", "stale:stale", "list cells of a notebook whose outputs are stale, and say why")
    stale.add_argument("notebook", metavar="NB", help="its path on the server")
    stale.add_argument("--all", action="store_true", help="also those that are not")

    stop = command("stop", "executions:stop", "cancel executions; the kernel of one that runs is interrupted")
    stop.add_argument("executions", nargs="*", metavar="EXECUTION", help="their ids, as ps tells them")
    stop.add_argument("--all", action="store_true", help="all that run or wait")
    stop.add_argument("--notebook", metavar="NB", help="all of this notebook, by its path on the server")

    mcp = commands.add(
        "mcp", "agents:serve", "let an AI agent work with notebooks, by MCP on stdin and stdout", store=False
    )
    _agents(_server(mcp))

    outputs = commands.add("outputs", "notebooks.outputs:outputs", "print all outputs of a notebook as text")
    outputs.add_argument("notebook", metavar="NB", help="the file; or its path on the server, with --server")
    _server(outputs)
    _display(outputs)


def _agents(mcp: argparse.ArgumentParser) -> None:
    mcp.add_argument(
        "--http",
        type=int,
        metavar="PORT",
        help="serve streamable HTTP on this machine, at /mcp; each client shows its own token as Authorization: Bearer",
    )


def _run(run: argparse.ArgumentParser) -> None:
    run.add_argument("notebook", metavar="NB", help="the file; or its path on the server, with --server")
    cells = run.add_argument_group("cells", "may be given many times; they run in this order; default: --all")
    for option, metavar, help_ in (
        ("--cell", "ID", "the cell of this id"),
        ("--tag", "TAG", "all cells with this tag"),
        ("--above", "ID", "all cells above this one"),
        ("--below", "ID", "this cell, and all below it"),
    ):
        cells.add_argument(option, action=_Selected, type=typed, metavar=metavar, dest="cells", help=help_)
    cells.add_argument("--index", action=_Selected, type=int, metavar="N", dest="cells", help="counted from 0")
    cells.add_argument("--all", action=_Selected, nargs=0, dest="cells", help="all cells")
    cells.add_argument(
        "--stale",
        action=_Selected,
        nargs=0,
        dest="cells",
        help="all cells whose outputs are stale, and what they read from if their kernel has not run it",
    )
    run.add_argument(
        "--param",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        dest="parameters",
        help="a variable, set after the cell that is tagged `parameters` has run; the notebook is not changed",
    )
    run.add_argument(
        "--env",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="a variable for the environment of the kernel that this starts",
    )
    run.add_argument(
        "--name",
        metavar="NAME",
        help="what you are called, for servers that do not know; default: your name on this machine, '' for none",
    )
    run.add_argument("--kernel", metavar="NAME", help="the kernel to start when there is none; default: the notebook's")
    run.add_argument("--restart", action="store_true", help="restart the kernel first")
    run.add_argument("--keep-going", action="store_true", help="go on after a cell has failed")
    run.add_argument("--timeout", type=float, metavar="S", help="interrupt a cell after so many seconds")
    run.add_argument("--stdout", type=Path, metavar="FILE", help="write what cells print to FILE, as it comes")
    run.add_argument("--stderr", type=Path, metavar="FILE", help="the same for what they print to stderr")
    run.add_argument(
        "--redirect-dir",
        type=Path,
        metavar="DIR",
        help="let cells name files in DIR for their streams: metadata crdt-outputs, stdout and stderr",
    )
    _display(run)


class _Selected(argparse.Action):
    """Keeps the order in which cells are named, whatever they are named by."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        kind = {"--cell": "id"}.get(option_string or "", (option_string or "").lstrip("-"))
        chosen = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*chosen, kind if kind in ("all", "stale") else {kind: values}])


def _server(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument(
        "--server",
        "--url",
        metavar="URL",
        help="the server; default: $JUPYTER_SERVER_URL, or what runs on this machine",
    )
    command.add_argument(
        "--token-file", type=Path, metavar="FILE", help="holds its token; default: $JUPYTER_TOKEN, or what it has told"
    )
    return command


def _display(command: argparse.ArgumentParser) -> None:
    command.add_argument("--images", type=Path, metavar="DIR", help="write images to DIR, and name the files")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = typed(text).partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
