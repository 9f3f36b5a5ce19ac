"""The output that a request names, by its notebook, its cell and its number."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ...errors import InvalidRequest, NotFound
from ...model.views import ViewRequest
from ...store import ArtifactStore
from ...viewing.chosen import FoundCells
from ...viewing.given import outputs_of
from ...viewing.images import Images
from ...viewing.notebooks import Notebooks
from ...viewing.outputs import Viewer
from ...viewing.texts import OutputText, Texts
from ..named_notebook import NamesNotebook
from ..serving import ServingHandler

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers here share.

    Attributes:
        store: where artifacts are.
        notebooks: finds cells.
        texts: finds the text of outputs.
        viewer: makes views of them.
        images: makes pictures smaller.
        threads: where everything that blocks is done.
    """

    store: ArtifactStore
    notebooks: Notebooks
    texts: Texts
    viewer: Viewer
    images: Images = field(default_factory=Images)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="output-reads")
    )


class NamesOutput(ServingHandler, NamesNotebook):
    """What is common to all questions here, which users may ask who may read contents and outputs.

    Attributes:
        services: see there.
    """

    def initialize(self, services: Services) -> None:
        """Take what the routes were registered with."""
        self.services = services
        self.threads = services.threads

    async def path(self) -> str:
        """The path of the notebook that is meant, which this user may see. Raises as :meth:`notebook_in`."""
        return (await self.notebook_in(self.services.notebooks)).path

    async def cells(self, request: ViewRequest) -> tuple[str, FoundCells]:
        """The path of the notebook, and those of its cells that are asked for."""
        path = await self.path()
        return path, await self.services.notebooks.find(self.contents_manager, path, request)

    async def output(self) -> Mapping[str, Any]:
        """The one output that is meant. Raises InvalidRequest, NotFound and what :meth:`path` raises."""
        request = ViewRequest(cell=self.argument("cell"), index=self.index("index"))
        at = self.index("output")
        if request == ViewRequest() or at is None:
            raise InvalidRequest("name an output: its cell, by cell (an id) or index, and output, its number from 0")
        _, found = await self.cells(request)
        outputs = [output for _, cell in found.cells for output in outputs_of(cell)]
        if not -len(outputs) <= at < len(outputs):
            raise NotFound(f"there is no output {at}: the cell has {len(outputs)}")
        output = outputs[at]
        return output if isinstance(output, Mapping) else {}

    async def text(self) -> OutputText:
        """The text of the output that is meant. Raises NotFound when it has none, and as :meth:`output`."""
        text = await self.in_thread(self.services.texts.of, await self.output())
        if text is None:
            raise NotFound("this output has no text")
        return text
