"""A notebook file whose outputs come one at a time, so that a large one is not in memory."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from ...files import CannotCut, FileChanged, NotebookReading
from ...store.durable import identity_of
from .reading import ChangedMeanwhile, InvalidNotebook, invalid, read_notebook
from .trust import Trust


class Opened:
    """A notebook that is read.

    Args:
        path: of the file.
        notebook: of nbformat 4, its cells without outputs.
        identity: of the file; another one when it has changed since.
        size: of the file in bytes.
    """

    def __init__(self, path: Path, notebook: Any, identity: tuple[int, ...], size: int) -> None:
        self.path = path
        self.notebook = notebook
        self.identity = identity
        self.size = size

    def outputs(self) -> Iterator[tuple[int, Any]]:
        """Each output with the number of its cell, from 0.

        Raises:
            ChangedMeanwhile: somebody writes the file.
            InvalidNotebook: these are no outputs.
        """
        raise NotImplementedError

    def is_trusted(self, trust: Trust) -> bool:
        """Whether the user trusts the notebook."""
        raise NotImplementedError

    def check(self) -> None:
        """See that nbformat finds the notebook valid, with the outputs that it was given since.

        Raises:
            InvalidNotebook: it does not.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                nbformat.validate(self.notebook)
        except nbformat.ValidationError as error:
            raise invalid(self.path, error) from error


class _Whole(Opened):
    """One that is in memory."""

    def __init__(self, path: Path) -> None:
        file = read_notebook(path)
        self._complete = file.notebook
        cells = [{**cell, "outputs": []} if "outputs" in cell else cell for cell in file.notebook["cells"]]
        super().__init__(path, nbformat.from_dict({**file.notebook, "cells": cells}), file.identity, file.size)

    def outputs(self) -> Iterator[tuple[int, Any]]:
        for number, cell in enumerate(self._complete["cells"]):
            yield from ((number, output) for output in cell.get("outputs", ()))

    def is_trusted(self, trust: Trust) -> bool:
        return trust.has(self._complete)


class _Cut(Opened):
    """One that is read output by output."""

    def __init__(self, path: Path, reading: NotebookReading) -> None:
        if reading.validation_error is not None:
            raise invalid(path, reading.validation_error)
        self._reading = reading
        # A copy: what is given to its cells is no part of what is read.
        super().__init__(path, copy.deepcopy(reading.notebook), identity_of(reading.stat), reading.stat.st_size)

    def outputs(self) -> Iterator[tuple[int, Any]]:
        with _said(self.path):
            for each in self._reading.outputs():
                yield each.cell, nbformat.from_dict(each.text.output())

    def is_trusted(self, trust: Trust) -> bool:
        with _said(self.path):
            return trust.has_signature(self._reading.signature)


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open the file at *path*.

    Raises:
        InvalidNotebook, ChangedMeanwhile, OSError: as :func:`.read_notebook`.
    """
    try:
        reading = NotebookReading(path)
    except (CannotCut, FileChanged):
        yield _Whole(path)
        return
    try:
        yield _Cut(path, reading)
    finally:
        reading.close()


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except FileChanged as error:
        raise ChangedMeanwhile(f"{path} was written while it was read") from error
    except ValueError as error:
        raise InvalidNotebook(f"{path} is not a notebook: {error!s:.200}") from error
