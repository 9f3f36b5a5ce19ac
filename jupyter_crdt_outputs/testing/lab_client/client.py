"""The tab: opens a notebook, runs its cells and saves it, as a JupyterLab browser tab with collaboration does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from pycrdt import Map
from tornado.httpclient import AsyncHTTPClient

from ..server import LabServer
from .execution import Execution, ExecutionCanceled, KernelMessage
from .kernel import KernelConnection
from .notebook import SharedNotebook
from .output_area import OutputArea
from .room import Room

_SAVE_ATTEMPTS = 20
_SAVE_RETRY_S = 0.2


class SaveFailed(RuntimeError):
    """The server answered that it could not save."""


class KernelReplyNotOk(Exception):
    """A cell ended in an error or was aborted; JupyterLab then stops what it queued behind it."""


class LabClient(SharedNotebook):
    """A JupyterLab tab on one notebook. Use :meth:`open`; needs a running event loop.

    Attributes:
        room: the shared document.
        kernel: this tab's own kernel connection.
        answer: asked for the answer to an ``input()``, given the prompt.
    """

    def __init__(self, server: LabServer, path: str, *, announce: bool) -> None:
        self.server = server
        self.path = path
        super().__init__(Room(server, path))
        self.kernel = KernelConnection(server, "")
        self.answer: Callable[[str], str] = lambda _prompt: ""
        self._announce = announce
        self._session_id = ""
        self._areas: dict[str, OutputArea] = {}
        self._executions: dict[str, Execution] = {}
        self._save_count = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        server: LabServer,
        path: str,
        *,
        announce: bool = True,
        user: str = "Test",
        kernel_name: str = "python3",
    ) -> AsyncIterator[LabClient]:
        """Open the notebook at *path*, start or join its kernel, and close the tab at the end; the kernel lives on.

        Args:
            server: a running server.
            path: relative to the server's root, with slashes.
            announce: act as a browser with our lab extension, which tells the room its kernel client.
            user: the name others see.
            kernel_name: the kernel to start when the notebook has none yet.
        """
        tab = cls(server, path, announce=announce)
        try:
            await tab._connect(user, kernel_name)
            yield tab
        finally:
            await tab.close()

    async def close(self) -> None:
        """Close both websockets at once, as a closed browser tab does. Idempotent."""
        await asyncio.gather(self.room.close(), self.kernel.close())

    async def shut_down_kernel(self) -> None:
        """End the notebook's kernel session."""
        url = f"{self.server.url}api/sessions/{self._session_id}"
        await AsyncHTTPClient().fetch(url, method="DELETE", headers=self.server.headers)

    async def run_all(self) -> bool:
        """Run every cell, all requests sent at once. False when one failed; then the rest was not run."""
        return await self.run_cells(self.cell_ids())

    async def run_cells(self, cell_ids: Sequence[str]) -> bool:
        """Run these cells in this order, and return when the kernel is done with all of them."""
        tasks = [asyncio.create_task(self._run_cell(cell_id)) for cell_id in cell_ids]
        try:
            results = await asyncio.gather(*tasks)
        except KernelReplyNotOk:
            for cell_id in cell_ids:
                cell = self.room.cell(cell_id)
                if cell is not None and cell["cell_type"] == "code" and cell.get("execution_count") is None:
                    self.set_state(cell, "idle")
            await asyncio.gather(*tasks, return_exceptions=True)
            return False
        return all(results)

    async def execute(self, cell_id: str) -> KernelMessage | None:
        """Run one code cell and return the kernel's reply; None when there was nothing to run.

        Raises:
            ExecutionCanceled: the kernel restarted or died meanwhile, or the cell was run again.
        """
        cell = self.cell(cell_id)
        code = str(cell["source"])
        if not code.strip():
            self._clear_execution(cell)
            return None
        execution = self.start(cell_id)
        try:
            reply = await execution.done
        except ExecutionCanceled:
            self._on_canceled(cell_id, execution)
            raise
        self.deleted_cells.clear()
        if (current := self.room.cell(cell_id)) is not None:
            self.set_count(current, reply.content.get("execution_count"))
        return reply

    def start(self, cell_id: str) -> Execution:
        """Send the cell to the kernel without waiting; nobody then writes its count and state at the end."""
        cell = self.cell(cell_id)
        metadata = dict(cell["metadata"].to_py() or {})
        tags = metadata.get("tags") or ()
        previous = self._executions.pop(cell_id, None)
        if previous is not None:
            self.kernel.forget(previous)
        self._clear_execution(cell)
        self.set_state(cell, "running")
        execution = self.kernel.execute(
            str(cell["source"]),
            {**metadata, "deletedCells": list(self.deleted_cells), "recordTiming": False, "cellId": cell_id},
            stop_on_error="raises-exception" not in tags,
        )
        area = self._areas.setdefault(cell_id, OutputArea(self.room, cell_id))
        execution.on_iopub = area.on_iopub
        execution.on_reply = area.on_reply
        execution.on_stdin = lambda message: self._on_stdin(area, message)
        self._executions[cell_id] = execution
        return execution

    async def save(self) -> None:
        """Save and return when the file is written. Raises SaveFailed."""
        for _ in range(_SAVE_ATTEMPTS):
            self._save_count += 1
            status = await self.room.save(self._save_count)
            if status == "success":
                return
            if status == "failed":
                raise SaveFailed(f"the server could not save {self.path}")
            await asyncio.sleep(_SAVE_RETRY_S)
        raise SaveFailed(f"the server was busy saving {self.path}")

    async def _connect(self, user: str, kernel_name: str) -> None:
        identity = {"username": uuid.uuid4().hex, "name": user, "display_name": user, "initials": user[:1]}
        await self.room.open(identity)
        answer = await AsyncHTTPClient().fetch(
            f"{self.server.url}api/sessions",
            method="POST",
            headers=self.server.headers,
            body=json.dumps(
                {"path": self.path, "type": "notebook", "name": self.path, "kernel": {"name": kernel_name}}
            ),
            request_timeout=60.0,
        )
        session = json.loads(answer.body)
        self._session_id = session["id"]
        self.kernel.kernel_id = session["kernel"]["id"]
        await self.kernel.open()
        await self._describe_kernel(session["kernel"]["name"])
        if self._announce:
            await self.room.tell("crdtOutputs", {"kernelClient": self.kernel.client_id})

    async def _describe_kernel(self, name: str) -> None:
        """Write into the notebook which kernel runs it."""
        url = f"{self.server.url}api/kernelspecs"
        answer = await AsyncHTTPClient().fetch(url, headers=self.server.headers)
        spec = json.loads(answer.body)["kernelspecs"][name]["spec"]
        if "language_info" in self.kernel.info:
            self.set_metadata("language_info", self.kernel.info["language_info"])
        described = {"name": name, "display_name": spec["display_name"], "language": spec["language"]}
        self.set_metadata("kernelspec", described)

    async def _run_cell(self, cell_id: str) -> bool:
        if self.cell(cell_id)["cell_type"] != "code":
            return True
        try:
            reply = await self.execute(cell_id)
        except ExecutionCanceled:
            return False
        if reply is None:
            return True
        if reply.content["status"] != "ok":
            raise KernelReplyNotOk(reply.content.get("ename", reply.content["status"]))
        for payload in reply.content.get("payload", ()):
            if payload.get("source") == "set_next_input":
                self._set_next_input(cell_id, payload)
                break
        return True

    def _set_next_input(self, cell_id: str, payload: dict[str, Any]) -> None:
        if payload.get("replace"):
            self.set_source(cell_id, payload["text"])
        else:
            index = self.cell_ids().index(cell_id)
            self.insert_cell(index + 1, payload["text"], metadata={"trusted": False})

    def _on_stdin(self, area: OutputArea, request: KernelMessage) -> None:
        prompt = str(request.content["prompt"])
        value = self.answer(prompt)
        self.kernel.send_input(request, value)
        shown = "········" if request.content.get("password") else value
        area.add({"output_type": "stream", "name": "stdin", "text": f"{prompt} {shown}\n"})

    def _on_canceled(self, cell_id: str, execution: Execution) -> None:
        cell = self.room.cell(cell_id)
        if cell is not None and self._executions.get(cell_id) is execution:
            self.set_state(cell, "idle")

    def _clear_execution(self, cell: Map[Any]) -> None:
        area = self._areas.get(cell["id"])
        metadata: Map[Any] = cell["metadata"]
        with self.room.edit():
            if area is not None:
                area.clear()
            cell["outputs"].clear()
            if cell.get("execution_count") is not None:
                cell["execution_count"] = None
            self.set_state(cell, "idle")
            if "execution" in metadata:
                del metadata["execution"]
            if metadata.get("trusted") is not True:
                metadata["trusted"] = True
