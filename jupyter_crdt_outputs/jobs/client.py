"""nbclient with a store: ``StoringNotebookClient(notebook).execute()``."""

from __future__ import annotations

from typing import Any

import zmq
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode, from_dict
from traitlets import Integer, Unicode

from .growing import GrowingStream
from .keeping import Keeping, configured

_KEPT_WHOLE = ("stream", "error")


class StoringMixin(NotebookClient):
    """For any ``NotebookClient``: large outputs go to the store of the server as they come, and become references.

    They are the references that a server would have made of equal outputs, and which ones they are, the limit of files
    says (``file_max_bytes``, its rules and the notebook's metadata; where there is none, ``document_max_bytes``).
    Adjacent printed text is one output. Errors stay whole, since programs look for them. When the store fails, outputs
    stay in the notebook.
    """

    output_path = Unicode(help="Where the notebook is to be written: folders may have limits of their own.").tag(
        config=True
    )

    # nbclient gives up what it has not come to 4 s after the kernel's reply; a store may take longer.
    iopub_timeout = Integer(600, allow_none=False, help=NotebookClient.iopub_timeout.help).tag(config=True)

    _keeping: Keeping | None = None
    _stream: GrowingStream | None = None

    @property
    def keeping(self) -> Keeping:
        """Where outputs go. Raises InvalidSetting."""
        if self._keeping is None:
            self._keeping = configured(self.nb.metadata, self.output_path, self.log)
        return self._keeping

    def reset_execution_trackers(self) -> None:
        """As upstream, before anything runs: what is wrong with the configuration is said now."""
        _ = self.keeping
        super().reset_execution_trackers()

    def create_kernel_manager(self) -> Any:
        """As upstream. What the kernel publishes while the store takes its time waits, and is not dropped."""
        manager = super().create_kernel_manager()
        manager.context.setsockopt(zmq.RCVHWM, 0)
        return manager

    def process_message(self, *args: Any, **kwargs: Any) -> NotebookNode | None:
        """As upstream; the last message of a cell settles its text."""
        try:
            output: NotebookNode | None = super().process_message(*args, **kwargs)
            return output
        except CellExecutionComplete:
            self._settle((args[1] if len(args) > 1 else kwargs["cell"]).outputs)
            raise

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        """As upstream, also when the kernel dies in the middle."""
        try:
            executed: NotebookNode = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
            return executed
        finally:
            self._settle(cell.get("outputs", []))

    execute_cell = run_sync(async_execute_cell)

    def output(self, outs: list[NotebookNode], *args: Any, **kwargs: Any) -> NotebookNode | None:
        """As upstream; then what came is given the form that it has in a file."""
        out: NotebookNode | None = super().output(outs, *args, **kwargs)
        if out is None or not outs or outs[-1] is not out:  # something else takes it
            return out
        if out["output_type"] == "stream":
            self._print(outs, out)
        else:
            self._settle(outs)
            if out["output_type"] not in _KEPT_WHOLE:
                outs[-1] = from_dict(self.keeping.in_file(out))
        return out

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        super()._update_display_id(display_id, msg)
        for index, places in self._display_id_map.get(display_id, {}).items():
            outputs = self.nb.cells[index].outputs
            for place in places:
                outputs[place] = from_dict(self.keeping.in_file(outputs[place]))

    def _print(self, outs: list[NotebookNode], out: NotebookNode) -> None:
        stream = self._stream
        if stream is not None and len(outs) > 1 and outs[-2] is stream.output and stream.name == out["name"]:
            outs.pop()
            stream.write(out["text"])
            return
        self._settle(outs)
        outs[-1] = from_dict(out)  # whoever called is given what was printed just now
        self._stream = GrowingStream(outs[-1], self.keeping)

    def _settle(self, outs: list[NotebookNode]) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            for place, output in enumerate(outs):
                if output is stream.output:
                    outs[place] = stream.settle()


class StoringNotebookClient(StoringMixin):
    """A ``NotebookClient`` with :class:`StoringMixin`, which is all there is to know of it."""
