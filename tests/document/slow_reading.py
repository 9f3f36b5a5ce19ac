"""A server extension that holds up the reading of outputs while there is a file ``hold`` beside the notebooks.

And the look at whether a notebook is trusted, at its second output, while there is a file ``hold-trust``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_crdt_outputs.files.reading import NotebookReading, ReadOutput
from jupyter_crdt_outputs.files.unread import Batch, UnreadOutputs


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "tests.document.slow_reading"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    hold, read = Path(serverapp.root_dir) / "hold", UnreadOutputs.next
    counts: WeakKeyDictionary[UnreadOutputs, int] = WeakKeyDictionary()

    def read_slowly(self: UnreadOutputs) -> Batch | None:
        counts[self] = counts.get(self, 0) + 1
        while hold.exists() and counts[self] > int(hold.read_text() or 0):
            time.sleep(0.02)
        return read(self)

    UnreadOutputs.next = read_slowly  # type: ignore[method-assign]
    hold_trust, outputs = Path(serverapp.root_dir) / "hold-trust", NotebookReading.outputs

    def outputs_slowly(self: NotebookReading, *args: Any) -> Iterator[ReadOutput]:
        for number, output in enumerate(outputs(self, *args)):
            while number == 1 and hold_trust.exists():
                time.sleep(0.02)
            yield output

    NotebookReading.outputs = outputs_slowly  # type: ignore[method-assign,assignment]
