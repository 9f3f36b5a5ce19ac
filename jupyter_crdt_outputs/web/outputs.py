"""Outputs of notebooks, open or not, for programs and agents: ``api/crdt-outputs/outputs`` and what is below it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jupyter_server.utils import url_path_join

from ..errors import InvalidRequest, NotFound
from ..model.digest import Digest
from ..model.plain_text import plain
from ..model.reference import BundleReference, StreamReference, reference_in
from ..model.views import Links, NotebookView, ViewRequest, to_text
from ..store import ArtifactStore
from ..viewing.images import FORMATS, Images
from ..viewing.notebooks import FoundCells, Notebooks
from ..viewing.outputs import Viewer, inline_parts, outputs_of
from ..viewing.texts import OutputText, Texts
from .handler import allowed_to, http_errors
from .media_types import media_type_of
from .named_notebook import NamesNotebook
from .serving import File, FileHandler, ServingHandler
from .streams import WAIT_S, LinesHandler, SearchHandler, Stream

_THREADS = 8
_CELLS_AT_ONCE = 50
_MOST_PIXELS = 1 << 16
_MOST_BYTES = 1 << 40


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


def handlers(
    store: ArtifactStore, notebooks: Notebooks, texts: Texts, base_url: str
) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them.

    Args:
        store: where artifacts are.
        notebooks: finds cells.
        texts: finds the text of outputs.
        base_url: what the routes are below.
    """
    services = {"services": Services(store, notebooks, texts, Viewer(texts))}
    root = url_path_join(base_url, "api/crdt-outputs/outputs")
    answers: dict[str, type[ServingHandler]] = {
        "": OutputsHandler,
        "/part": PartHandler,
        "/image": ImageHandler,
        "/lines": OutputLinesHandler,
        "/search": OutputSearchHandler,
    }
    return [(root + ending, handler, services) for ending, handler in answers.items()]


class _Handler(ServingHandler, NamesNotebook):
    """What is common to all questions here, which users may ask who may read contents and outputs."""

    def initialize(self, services: Services) -> None:
        """Take what the routes were registered with."""
        self._services = services
        self.threads = services.threads

    async def path(self) -> str:
        """The path of the notebook that is meant, which this user may see. Raises as :meth:`notebook_in`."""
        return (await self.notebook_in(self._services.notebooks)).path

    async def cells(self, request: ViewRequest) -> tuple[str, FoundCells]:
        """The path of the notebook, and those of its cells that are asked for."""
        path = await self.path()
        return path, await self._services.notebooks.find(self.contents_manager, path, request)

    async def output(self) -> Mapping[str, Any]:
        """The one output that is meant. Raises InvalidRequest, NotFound and what :meth:`path` raises."""
        request = ViewRequest(cell=self.argument("cell"), index=self.integer("index", -(10**9), 10**9))
        at = self.integer("output", -(10**9), 10**9)
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
        text = await self.in_thread(self._services.texts.of, await self.output())
        if text is None:
            raise NotFound("this output has no text")
        return text


class OutputsHandler(_Handler):
    """Cells and what they put out, as text."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """JSON of a :class:`NotebookView`; plain text for who asks for that."""
        with http_errors():
            if self.argument("view") not in (None, "text"):
                raise InvalidRequest("view is text")
            is_plain = self._is_plain()
            request = self._request()
            path, found = await self.cells(request)
            view = await self._view(path, found, request)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Vary", "Accept")
        if is_plain:
            await self.finish(to_text(view), set_content_type="text/plain; charset=UTF-8")
        else:
            await self.finish(json.dumps(view.to_json(), ensure_ascii=False, separators=(",", ":")))

    def _is_plain(self) -> bool:
        form = self.argument("format")
        if form not in (None, "json", "text"):
            raise InvalidRequest("format is json or text")
        accepted = self.request.headers.get("Accept", "")
        return form == "text" or (form is None and accepted.startswith("text/plain"))

    def _request(self) -> ViewRequest:
        numbers = {name: self.integer(name, -(10**9), 10**9) for name in ("index", "start", "stop", "max_chars")}
        given = {name: value for name, value in numbers.items() if value is not None}
        return ViewRequest(cell=self.argument("cell"), sources=self.flag("sources"), **given)

    async def _view(self, path: str, found: FoundCells, request: ViewRequest) -> NotebookView:
        viewer = self._services.viewer

        def some(cells: Sequence[tuple[int, Any]]) -> list[Any]:
            chars, sources = request.max_chars, request.sources
            return [viewer.cell(index, cell, chars, with_source=sources) for index, cell in cells]

        pieces = [found.cells[at : at + _CELLS_AT_ONCE] for at in range(0, len(found.cells), _CELLS_AT_ONCE)]
        done = await asyncio.gather(*(self.in_thread(some, piece) for piece in pieces))
        spec, language = (found.metadata.get(name) for name in ("kernelspec", "language_info"))
        root = url_path_join(self.base_url, "api/crdt-outputs/")
        return NotebookView(
            path,
            found.cells_in_all,
            Links.below(root, {"path": path}),
            tuple(cell for cells in done for cell in cells),
            found.room_id,
            _name_in(spec),
            _name_in(language),
        )


class PartHandler(_Handler, FileHandler):
    """The bytes of one part of an output, from the store or from the notebook itself."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """The part, or one range of it."""
        with http_errors():
            await self._answer(await self.file(""), self.request.headers.get("Range"))

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def head(self, name: str = "") -> None:
        """The headers of a GET of the whole."""
        with http_errors():
            await self._answer(await self.file(""), None)

    async def file(self, name: str) -> File:
        """The part of the type that is asked for."""
        mime = self.argument("type")
        if not mime:
            raise InvalidRequest("type is the MIME type of a part")
        output = await self.output()
        return await self.in_thread(self._file, output, mime)

    def _file(self, output: Mapping[str, Any], mime: str) -> File:
        media_type = media_type_of(mime)
        reference = reference_in(output)
        stored = reference.parts.get(mime) if isinstance(reference, BundleReference) else None
        if isinstance(reference, StreamReference) and mime == "text/plain" and len(reference.segments) == 1:
            stored = reference.segments[0]
        if stored is not None:
            digest, store = stored.digest, self._services.store
            read = partial(store.read, digest)
            size = store.size(digest)
            return File(read, size, f'"{digest}"', media_type, digest.hex[:12], False, self.beginning(read, size))
        data = dict(inline_parts(output)).get(mime)
        if data is None:
            raise NotFound(f"this output has no {mime!r:.80}")
        digest = Digest.of(data)
        return File(_reader(data), len(data), f'"{digest}"', media_type, digest.hex[:12], False)


class ImageHandler(PartHandler):
    """The picture that an output shows, no larger than is asked for."""

    async def file(self, name: str) -> File:
        """The picture, as it is or smaller."""
        sides, most = self.integer("max_pixels", 1, _MOST_PIXELS), self.integer("max_bytes", 1, _MOST_BYTES)
        asked = self.argument("type")
        if asked is not None and not asked.startswith("image/"):
            raise InvalidRequest("type is the MIME type of a picture")
        output = await self.output()
        return await self.in_thread(self._picture, output, asked, sides, most)

    def _picture(self, output: Mapping[str, Any], asked: str | None, sides: int | None, most: int | None) -> File:
        mime = asked or _picture_in(output)
        whole = self._file(output, mime)
        if sides is None and (most is None or whole.size <= most):
            return whole
        data, made = self._services.images.fitting(whole.read(0, whole.size), mime, sides, most)
        if made == mime and len(data) == whole.size:
            return whole
        digest = Digest.of(data)
        etag, kind = f'"{digest}"', media_type_of(made)
        return replace(whole, read=_reader(data), size=len(data), etag=etag, media_type=kind, beginning=(0, b""))


class OutputLinesHandler(_Handler, LinesHandler):
    """Some lines of an output's text, whether it is long or short."""

    initialize = _Handler.initialize  # type: ignore[assignment]

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """As :class:`LinesHandler`, without escapes unless ``ansi=1`` asks for them."""
        with http_errors():
            after = self.argument("after")
            text = await self.text()
            if text.log is not None and after == str(text.revision):
                await text.log.changed(text.revision, WAIT_S)
                text = await self.text()
            stream = Stream(await self.in_thread(text.view), text.log, text.revision)
            found = await self.in_thread(self._find, stream.view)
            if not self.flag("ansi"):
                found.lines = await self.in_thread(lambda: [plain(line) for line in found.lines])
        await self._tell(stream, found)


class OutputSearchHandler(_Handler, SearchHandler):
    """What is found in an output's text, whether it is long or short."""

    initialize = _Handler.initialize  # type: ignore[assignment]

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """As :class:`SearchHandler`."""
        with http_errors():
            search = self._search()
            text = await self.text()
            stream = Stream(await self.in_thread(text.view), text.log, text.revision)
        await self._run(search, stream)


def _reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, stop: data[start:stop]


def _picture_in(output: Mapping[str, Any]) -> str:
    """The type of the picture that is best to look at. Raises NotFound."""
    reference = reference_in(output)
    mimes = [mime for mime, _ in inline_parts(output)]
    if isinstance(reference, BundleReference):
        mimes += reference.parts
    for mime in [*FORMATS, *mimes]:
        if mime in mimes and mime.startswith("image/"):
            return mime
    raise NotFound("this output has no picture")


def _name_in(described: Any) -> str | None:
    name = described.get("name") if isinstance(described, Mapping) else None
    return plain(name)[:200] if isinstance(name, str) else None
