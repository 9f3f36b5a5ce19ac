"""Printed text while a cell of a job runs: one output for adjacent messages, its older part in the store."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from nbformat import NotebookNode, from_dict

from ..document.stream import StreamText
from ..errors import CrdtOutputsError
from ..streams.log import Log
from .keeping import Keeping

_LEAST_SPILLED_BYTES = 1 << 21
_SEALED_BYTES = 1 << 23  # several segments with one commit
_SHOWN_EVERY_S = 1.0
_AGAIN_S = 5.0


class GrowingStream:
    """One stream output. Text is kept as JupyterLab keeps it: ``\\r`` and ``\\b`` act on it.

    Beyond the limit of a file and some megabytes, what can no longer change moves to the store, so memory stays bounded
    however much is printed. While the store fails, it stays in memory.

    Args:
        output: of the notebook; it shows the text, about once a second, until something stands for it.
        keeping: where the text goes.

    Attributes:
        output: as above.
    """

    def __init__(self, output: NotebookNode, keeping: Keeping) -> None:
        self.output = output
        self._keeping = keeping
        self._text = StreamText(str(output["name"]), str(output["text"]))
        self._log: Log | None = None
        self._shown_at = time.monotonic()
        self._not_before = 0.0
        self._unsealed = 0

    @property
    def name(self) -> str:
        """``stdout`` or ``stderr``."""
        return self._text.name

    def write(self, text: str) -> None:
        """The kernel prints. Blocks on the store now and then."""
        self._text.write(text)
        self._unsealed += len(text)
        now = time.monotonic()
        if now >= self._not_before:
            try:
                self._spill()
            except (CrdtOutputsError, OSError) as error:
                self._keeping.failed(error)
                self._not_before = now + _AGAIN_S
        if now - self._shown_at >= _SHOWN_EVERY_S:
            self._show()
            self._shown_at = now

    def settle(self) -> NotebookNode:
        """Nothing more is printed: what is to be in the file. Blocks on the store."""
        if self._log is None:
            self._show()
            settled: NotebookNode = from_dict(self._keeping.in_file(self.output))
            return settled
        try:
            self._text.flush()
            self._log.close()
            finished: NotebookNode = from_dict(self._keeping.archive.referring(self._log.finish()))
            return finished
        except (CrdtOutputsError, OSError) as error:
            self._keeping.failed(error)
            view = self._log.view()
            self.output["text"] = view.read(0, view.size).decode("utf-8")
            return self.output

    def _spill(self) -> None:
        """Move what is long out of memory. Raises what the store raises; nothing is lost then."""
        if self._log is None:
            limit = self._keeping.file_max_bytes
            most = self._keeping.archive.policy.file_stream_max_bytes if limit is None else limit
            if self._text.length <= max(most, _LEAST_SPILLED_BYTES):
                return
            # No files: who runs the job sees its end, and runs it again after a crash.
            self._log = Log(secrets.token_hex(16), self.name, self._keeping.archive.store, Path())
            self._log.append(*self._text.text_and_line())
            self._text.spill(self._log)
            self._show()
        self._text.flush()
        if self._unsealed >= _SEALED_BYTES:
            self._log.seal()
            self._unsealed = 0

    def _show(self) -> None:
        if self._log is None:
            self.output["text"] = self._text.live
        else:
            view = self._log.view()
            self.output["text"] = f"[{view.size:,} bytes so far, which are in the artifact store when the cell ends]\n"
