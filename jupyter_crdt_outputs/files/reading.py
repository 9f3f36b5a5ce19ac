"""A notebook file that is read in two steps: first its cells, then its outputs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import warnings
from collections.abc import Container, Iterator
from dataclasses import dataclass
from hmac import HMAC
from pathlib import Path
from typing import Any

import nbformat
from nbformat.sign import yield_everything

from ..store import durable
from .abridged import Abridged
from .cutting import CannotCut, Span, cut, outputs_in, read_exactly

_ID = re.compile(r'"id": ?"([^"\\]+)"')
_NO_OUTPUT = (ValueError, RecursionError, AttributeError)


class FileChanged(Exception):
    """Somebody writes into the file that is read. What was read of it is not to be used."""


@dataclass(frozen=True, slots=True)
class ReadOutput:
    """An output of a file.

    Attributes:
        cell: number of its cell.
        text: the output.
        start: where it stands in the file.
        length: in bytes.
    """

    cell: int
    text: Abridged
    start: int
    length: int


class NotebookReading:
    """An open notebook file. To be closed. Every method blocks.

    Attributes:
        stat: of the file when it was opened.
        notebook: as nbformat reads it, but with no outputs; without marks of trust.
        validation_error: what nbformat has to say about it, or None.
        has_own_ids: whether each cell has an id of its own in the file; what the file lacks, nbformat draws anew each
            time.
        bytes_of_outputs: how much there is to be read.
        bytes_read: how much of it has been, since it was last begun with.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at *path* and read its cells.

        Raises:
            CannotCut: this file is to be read as a whole.
            OSError: it cannot be read.
        """
        self._descriptor = -1
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            self.stat = os.fstat(self._descriptor)
            skeleton = cut(self._descriptor)
            captured: dict[str, Any] = {}
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of ids, which are given to the cells without any
                    self.notebook = nbformat.reads(skeleton.text, as_version=4, capture_validation_error=captured)
            except Exception as error:  # of whatever kind: a reader of the whole has the right words for it
                raise CannotCut from error
            self._check()
        except BaseException:
            self.close()
            raise
        self.validation_error = captured.get("ValidationError")
        ids = [cell.get("id") for cell in self.notebook["cells"]]
        self.has_own_ids = len(set(ids)) == len(ids) and set(ids) <= set(_ID.findall(skeleton.text))
        self._hashes: dict[str, str] = {}
        self._spans, self._layout = skeleton.spans, skeleton.layout
        self.bytes_read = 0
        self.bytes_of_outputs = sum(span.stop - span.start for span in self._spans)

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()

    def outputs(self, cells: Container[int] | None = None) -> Iterator[ReadOutput]:
        """All outputs, in order.

        Args:
            cells: numbers of the cells whose outputs are wanted; None for all.

        Raises:
            ValueError: what stands in the place of outputs are none: no reader would take this file.
            FileChanged, OSError: see there.
        """
        self.bytes_read = 0
        for span in self._spans:
            if cells is None or span.cell in cells:
                yield from self._outputs_of(span)
            self.bytes_read += span.stop - span.start
        self._check()

    def signature(self, notary: Any) -> str | None:
        """What ``NotebookNotary.compute_signature`` gives for the notebook; None where it would fail.

        Raises:
            ValueError, FileChanged, OSError: as :meth:`outputs`.
        """
        signature = HMAC(notary.secret, digestmod=notary.digestmod)
        try:
            for part in self._signed():
                signature.update(part)
        except (UnicodeEncodeError, AssertionError):
            return None
        return signature.hexdigest()

    def hash(self, algorithm: str) -> str:
        """Of the file, in hexadecimal digits; read once. Raises FileChanged and OSError."""
        if algorithm not in self._hashes:
            hashed, at = hashlib.new(algorithm), 0
            while data := os.pread(self._descriptor, 1 << 20, at):
                hashed.update(data)
                at += len(data)
            self._check()
            self._hashes[algorithm] = hashed.hexdigest()
        self._check()
        return self._hashes[algorithm]

    def _outputs_of(self, span: Span) -> Iterator[ReadOutput]:
        at = span.start
        for start, text in outputs_in(self._descriptor, span, self._layout):
            try:
                output = Abridged(text)
            except _NO_OUTPUT:
                break
            yield ReadOutput(span.cell, output, start, len(text))
            at = start + len(text)
        rest = read_exactly(self._descriptor, at, span.stop)
        if rest != self._layout.line(3) + b"]":
            for value in self._listed(rest, is_begun=at != span.start, cell=span.cell):
                yield ReadOutput(span.cell, value, at, 0)

    def _listed(self, text: bytes, *, is_begun: bool, cell: int) -> Iterator[Abridged]:
        """The rest of a list whose outputs cannot be told apart without parsing all of it."""
        try:
            if is_begun:
                text = text.lstrip()
                if not text.startswith(b","):
                    raise ValueError("there is something between two outputs")
                text = b"[" + text[1:]
            values = json.loads(text)
            if not isinstance(values, list) or (is_begun and not values):
                raise ValueError("there is no list")
            yield from (Abridged(json.dumps(value).encode()) for value in values)
        except _NO_OUTPUT as error:
            self._check()  # a file that is being written explains it
            raise ValueError(f"the outputs of cell {cell + 1} cannot be read: {error}") from error

    def _signed(self) -> Iterator[bytes]:
        """All keys and values in nbformat's order, one output at a time in memory."""
        outputs = self.outputs()
        waiting = next(outputs, None)
        for key in sorted(self.notebook):
            yield key.encode()
            if key != "cells":
                yield from yield_everything(self.notebook[key])
                continue
            for number, cell in enumerate(self.notebook["cells"]):
                for name in sorted(cell):
                    yield name.encode()
                    yield from yield_everything(cell[name])
                    while name == "outputs" and waiting is not None and waiting.cell == number:
                        yield from waiting.text.signed()
                        waiting = next(outputs, None)

    def _check(self) -> None:
        now = os.fstat(self._descriptor)
        if durable.identity_of(now) != durable.identity_of(self.stat):
            raise FileChanged
