# PYTHON_ARGCOMPLETE_OK
"""The command line, ``jupyter crdt-outputs``: from arguments to a command, and from its end to an exit code."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from ..errors import CrdtOutputsError
from .grammar import PROGRAM, parser

BROKEN_PIPE = 141
"""What a shell reports for a program that wrote to nobody: 128 + SIGPIPE."""

INTERRUPTED = 130
"""128 + SIGINT."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name (default: those of the process) and return its exit code.

    The code is what the command returns, or the ``exit_code`` of the error that ended it; its message is printed to
    stderr. After Ctrl-C the process ends here, since a driver's thread may wait for a dead network for minutes.
    """
    if arguments is None:
        # Takes jsonschema, which nbformat needs, more than a second to import, and is for formats that no notebook has.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # what makes an import fail at once
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # replaced by somebody who captures
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    grammar = parser()
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete  # late: only the shell asks for it

        argcomplete.autocomplete(grammar)
    options = grammar.parse_args(arguments)
    try:
        code = _run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _end("interrupted: what was done is kept, and the same command goes on with the rest", INTERRUPTED)
    except BrokenPipeError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # else Python complains when it flushes at the end
        code = BROKEN_PIPE
    except CrdtOutputsError as error:
        code = _failed(options, str(error), error.exit_code)
    except OSError as error:
        code = _failed(options, f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    return code


def _run(options: argparse.Namespace) -> int:
    module, _, name = options.run.partition(":")
    return int(getattr(importlib.import_module(f".{module}", __package__), name)(options))


def _failed(options: argparse.Namespace, message: str, code: int) -> int:
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    told = json.dumps({"error": message, "exit_code": code}) if options.json else f"{PROGRAM}: {message}"
    print(told, file=sys.stderr)
    return code


def _end(message: str, code: int) -> NoReturn:
    with suppress(OSError):
        sys.stdout.flush()
        print(f"\n{PROGRAM}: {message}", file=sys.stderr, flush=True)
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
