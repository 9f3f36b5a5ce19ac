"""Running cells over HTTP, as a program does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.error
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.reader import NotJSONError

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import write_notebook

Told = dict[str, Any]


class Refused(Exception):
    """The server answered with an error.

    Attributes:
        status: of HTTP.
        reason: for programs.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


@dataclass
class Runs:
    """The endpoint of a server, for one notebook."""

    server: LabServer
    path: str

    async def ask(self, path: str = "", method: str = "GET", body: object = None, *, of: str = "executions") -> Any:
        """One request below the endpoint, or below another one."""
        try:
            answer = await asyncio.to_thread(
                self.server.request, f"api/crdt-outputs/{of}{path}", method=method, body=body, timeout_s=90
            )
        except urllib.error.HTTPError as error:
            told = json.loads(error.read())
            raise Refused(error.code, told["reason"], told["message"]) from error
        return json.loads(answer)

    async def run(self, cells: object = "all", *, wait_s: float = 60, **options: Any) -> list[Told]:
        """Run cells; all have ended, or one asks for input, unless *wait_s* is 0."""
        body = {"path": self.path, "cells": cells, **options}
        told: list[Told] = (await self.ask(f"?wait_s={wait_s}", "POST", body))["executions"]
        return told

    async def get(self, execution: Told, *, wait_s: float = 60) -> Told:
        """How an execution stands once it has ended, or asks for input."""
        told: Told = await self.ask(f"/{execution['id']}?wait_s={wait_s}")
        return told

    async def has_begun(self, execution: Told) -> None:
        """Wait until the kernel has taken it up."""
        async with asyncio.timeout(60):
            while (await self.get(execution, wait_s=0))["started_at"] is None:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)

    def cells(self) -> list[dict[str, Any]]:
        """The cells as they are in the file."""
        notebook = nbformat.read(self.server.root_dir / self.path, 4)
        nbformat.validate(notebook)
        found: list[dict[str, Any]] = json.loads(json.dumps(notebook.cells))
        return found

    async def saved(self, outputs: list[list[dict[str, Any]]]) -> None:
        """Wait until the file has these outputs."""
        await self.saved_as(lambda cells: [cell["outputs"] for cell in cells] == outputs)
        assert [cell["outputs"] for cell in self.cells()] == outputs

    async def saved_as(self, is_it: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Wait until the cells are so in the file; returns after ten seconds, whatever they are."""
        for _ in range(200):
            with contextlib.suppress(NotJSONError):  # in the middle of a save: some ways of saving write into the file
                if is_it(self.cells()):
                    return
            await asyncio.sleep(0.05)

    async def shut_down(self) -> None:
        """End the notebook's kernel."""
        sessions = json.loads(await asyncio.to_thread(self.server.request, "api/sessions"))
        for session in sessions:
            if session["path"] == self.path:
                await asyncio.to_thread(self.server.request, f"api/sessions/{session['id']}", method="DELETE")


def new_runs(server: LabServer, sources: Sequence[str], *, tags: dict[int, list[str]] | None = None) -> Runs:
    """A new notebook of code cells, that nobody has open."""
    return Runs(server, write_notebook(server, sources, tags=tags))


@contextlib.asynccontextmanager
async def run_here(server: LabServer, *sources: str, tags: dict[int, list[str]] | None = None) -> AsyncIterator[Runs]:
    """The same, whose kernel ends with the block."""
    runs = new_runs(server, sources, tags=tags)
    try:
        yield runs
    finally:
        await runs.shut_down()


def statuses(told: list[Told]) -> list[str]:
    """How executions stand."""
    return [each["status"] for each in told]
