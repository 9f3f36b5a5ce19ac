"""``restore``: notebooks complete where they are; or, by digests, artifacts back from the trash."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...files.completing import Completing, refers
from ...files.lacks import Incomplete, Lack
from ...files.output_text import Artifacts
from ...model.restore import restore as restore_output
from ..artifacts.keeping import bring_back
from ..output import count_text, print_json, size_text, warn
from ..place import place_of
from ..refused import Refused
from .batch import Batch, each_of, lack_json
from .folders import Folder, tell_left_alone
from .in_place import notebooks_at, settled
from .memory import keep_freed_memory
from .reading import InvalidNotebook, may_refer, read_notebook
from .trust import Trust
from .whole_file import whole_file

_DIGITS = frozenset("0123456789abcdefABCDEF")
_FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Restored:
    """A notebook as it is now.

    Attributes:
        path: of the file.
        size: of the file that was written, in bytes; 0 when there was nothing to restore, and it was not touched.
        lacks: what is still a reference in it, since nobody has it.
    """

    path: Path
    size: int = 0
    lacks: list[Lack] = field(default_factory=list)


def restore(options: argparse.Namespace) -> int:
    """Bring back what was named: notebooks or artifacts, not both."""
    paths, digests = _sorted(options.what)
    if not options.what and not options.all:
        raise Refused("give notebooks or folders to make complete; or digests to bring back from the trash, or --all")
    if paths and (digests or options.all):
        raise Refused("notebooks are made complete, and artifacts are brought back from the trash: one at a time")
    if not paths:
        return bring_back(options, digests)
    place = place_of(options)
    folder = notebooks_at(paths, checkpoints=True)
    keep_freed_memory()
    originals = place.originals()
    with Trust() as trust:
        work = settled(lambda path: _restore(path, originals, trust, allow_missing=options.allow_missing))
        batch = each_of(folder.notebooks, work, "restored", folder.unreadable)
    _tell(batch, folder, options)
    return batch.exit_code


def _sorted(texts: list[str]) -> tuple[list[Path], list[str]]:
    """What are paths, and what are digests.

    Raises:
        Refused: what could be both.
    """
    paths, digests = [], []
    for text in texts:
        path = Path(text)
        is_named = text.endswith(".ipynb") or "/" in text or os.sep in text
        is_digest = not is_named and _FEWEST_DIGITS <= len(text) <= 64 and not set(text) - _DIGITS
        if is_digest and path.exists():
            raise Refused(
                f"{text} is a {'folder' if path.is_dir() else 'file'} here, and may begin a digest: write "
                f"./{text} for the former, and for the artifact go to another folder"
            )
        if is_digest:
            digests.append(text)
        elif is_named or path.exists():
            paths.append(path)
        else:
            raise Refused(
                f"{text!r:.80} is no digest, of which 8 to 64 hexadecimal digits are to be given, "
                "nor a notebook or folder here"
            )
    return paths, digests


def _restore(path: Path, originals: Artifacts, trust: Trust, *, allow_missing: bool) -> Restored:
    if not may_refer(path):
        return Restored(path)
    file = read_notebook(path)
    completing = Completing(file.notebook, originals)
    lacks = completing.lacks(proven=allow_missing)
    if lacks and not allow_missing:
        raise Incomplete(lacks)
    lost = {(lack.where.cell, lack.where.output) for lack in lacks}
    if not _restorable(file.notebook, lost):
        return Restored(path, lacks=lacks)
    completing.give_up(lacks, lambda output, lack: output)  # which can still be restored when it is found
    with whole_file(path, file.identity) as out:
        try:
            size = completing.write_to(out)
        except Incomplete as error:
            raise Incomplete(completing.lacks(proven=True) or error.lacks) from error
        except UnicodeEncodeError as error:
            raise InvalidNotebook(f"{path} has half a character, which no file can hold") from error
        if trust.has(file.notebook):
            given_up = iter([(number, at) in lost for number, at, _ in _outputs(file.notebook)])

            def original(output: Mapping[str, Any]) -> Mapping[str, Any]:
                is_lost = next(given_up)
                return output if is_lost or not refers(output) else restore_output(output, originals.get)

            trust.sign(file.notebook, original)  # before the file is there: a crash must not leave it untrusted
    return Restored(path, size, lacks)


def _outputs(notebook: Mapping[str, Any]) -> list[tuple[int, int, Any]]:
    return [
        (number, at, output)
        for number, cell in enumerate(notebook["cells"], 1)
        for at, output in enumerate(cell.get("outputs") or (), 1)
    ]


def _restorable(notebook: Mapping[str, Any], lost: set[tuple[int, int]]) -> bool:
    return any(refers(output) and (number, at) not in lost for number, at, output in _outputs(notebook))


def _tell(batch: Batch[Restored], folder: Folder, options: argparse.Namespace) -> None:
    written = [done for done in batch.results if done.size]
    for done in batch.results:
        for lack in done.lacks:
            warn(f"{done.path}: {lack.where}: still a reference: {lack.error}")
    if options.json:
        print_json(
            {
                "restored": [{"path": str(done.path), "bytes": done.size} for done in written],
                "untouched": [str(done.path) for done in batch.results if not done.size],
                "missing": [
                    {"path": str(done.path), **lack_json(lack)} for done in batch.results for lack in done.lacks
                ],
                "failed": [failure.to_json() for failure in batch.failures],
                "links_outside": [str(path) for path in folder.outside],
            }
        )
        return
    size = size_text(sum(done.size for done in written))
    complete = sum(not done.size and not done.lacks for done in batch.results)
    print(f"{count_text(len(written), 'notebook')} restored, {size}; {complete:,} complete already")
    tell_left_alone(Folder(outside=folder.outside), "not restored")
    batch.warn()
