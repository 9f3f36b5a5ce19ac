"""The text that an output has, of whatever length and wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import InvalidReference, InvalidRequest
from ..model.digest import Digest
from ..model.encoding import decode
from ..model.plain_text import Excerpt, excerpt, excerpt_of_ends, window_bytes
from ..model.reference import (
    BundleReference,
    ErrorReference,
    LogReference,
    LongStreamReference,
    Part,
    StreamReference,
    reference_in,
)
from ..store import ArtifactStore
from ..streams.log import Log
from ..streams.logs import Logs
from ..streams.view import StreamView
from .values import joined, readable, traceback_of, values_of

_PREFERRED = ("text/plain", "text/markdown", "text/latex", "text/html", "application/json")
_PARSED_BYTES = 1 << 22
"""What has to be read as a whole is, up to this size."""
_LINES_BYTES = 1 << 26
"""So is a text in one artifact whose lines are asked for: nothing says where they begin."""


@dataclass(frozen=True, slots=True)
class OutputText:
    """The text of an output at one moment.

    Attributes:
        size: bytes.
        read: gives the bytes from an offset up to another; blocks on the store.
        view: gives its lines; blocks on the store.
        mime: what it was made from.
        log: what it is still written to.
        stream: id of a long stream.
        revision: of the log, at that moment.
    """

    size: int
    read: Callable[[int, int], bytes]
    view: Callable[[], StreamView]
    mime: str = "text/plain"
    log: Log | None = None
    stream: str | None = None
    revision: int = 0

    def excerpt(self, max_chars: int) -> Excerpt:
        """All of it, or its ends. Raises what the store raises."""
        size, window = self.size, window_bytes(max_chars)
        if size <= 2 * window:
            return excerpt(self.read(0, size).decode("utf-8", "replace"), max_chars)
        head, tail = self.read(0, window), self.read(size - window, size)
        between = size - 2 * window
        return excerpt_of_ends(head.decode("utf-8", "ignore"), tail.decode("utf-8", "ignore"), between, max_chars)


class Texts:
    """Finds the text of outputs. Every method blocks on the store.

    Args:
        store: where artifacts are.
        logs: where streams are that are still written.
    """

    def __init__(self, store: ArtifactStore, logs: Logs) -> None:
        self._store = store
        self._logs = logs

    def of(self, output: Mapping[str, Any]) -> OutputText | None:
        """The text of any output; None when it has none.

        Raises:
            ArtifactMissing, ArtifactCorrupt, StoreUnavailable, LogMissing, InvalidReference: it cannot be had.
        """
        match reference_in(output):
            case StreamReference(segments=segments):
                return _of_bytes(b"".join(self._read(part.digest, part.size) for part in segments))
            case LongStreamReference(index=index):
                return _of_view(StreamView.of_index(self._store, index.digest), stream=index.digest.hex)
            case LogReference(log=log_id):
                log = self._logs.find(log_id)
                revision = log.revision
                return _of_view(log.view(), log=log, stream=log_id, revision=revision)
            case ErrorReference(part=part):
                original = decode(self._read(part.digest, part.size), part.encoding)
                if not isinstance(original, Mapping) or original.get("output_type") != "error":
                    raise InvalidReference("the artifact is not an error output")
                return _of_text(traceback_of(original))
            case BundleReference(parts=parts):
                return self._of_bundle(values_of(output), parts)
        match output.get("output_type"):
            case "stream":
                return _of_text(joined(output.get("text")))
            case "error":
                return _of_text(traceback_of(output))
        return self._of_bundle(values_of(output), {})

    def _of_bundle(self, values: Mapping[str, Any], parts: Mapping[str, Part]) -> OutputText | None:
        mimes = [mime for mime in _PREFERRED if mime in parts or mime in values]
        if len(mimes) > 1 and mimes[0] == "text/plain" and _is_bare_repr(values.get("text/plain")):
            mimes = mimes[1:]
        if not mimes:
            return None
        mime = mimes[0]
        return self._of_part(mime, parts[mime]) if mime in parts else _of_text(readable(mime, values[mime]), mime)

    def _of_part(self, mime: str, part: Part) -> OutputText:
        if part.size <= _PARSED_BYTES:
            return _of_text(readable(mime, decode(self._store.get(part.digest), part.encoding)), mime)
        if mime == "text/html":
            return _of_text(readable(mime, self._read(part.digest, _PARSED_BYTES).decode("utf-8", "ignore")), mime)
        read = partial(self._store.read, part.digest)
        return OutputText(part.size, read, partial(self._lines, part), mime)

    def _lines(self, part: Part) -> StreamView:
        if part.size > _LINES_BYTES:
            raise InvalidRequest("this text is too long to be given by its lines; fetch the artifact")
        return _view(self._store.read(part.digest, 0, _LINES_BYTES))

    def _read(self, digest: Digest, size: int) -> bytes:
        return self._store.read(digest, 0, min(size, _PARSED_BYTES))


def _is_bare_repr(value: Any) -> bool:
    """Whether a text says no more than what kind of object there is, as IPython's own ``<IPython…HTML object>``."""
    text = joined(value).strip()
    return len(text) < 200 and text.startswith("<") and text.endswith(">") and " object" in text and "\n" not in text


def _of_text(text: str, mime: str = "text/plain") -> OutputText:
    return _of_bytes(text.encode("utf-8", "replace"), mime)


def _of_bytes(data: bytes, mime: str = "text/plain") -> OutputText:
    return OutputText(len(data), lambda start, stop: data[start:stop], lambda: _view(data), mime)


def _of_view(view: StreamView, **more: Any) -> OutputText:
    return OutputText(view.size, view.read, lambda: view, **more)


def _view(data: bytes) -> StreamView:
    return StreamView((), data, lambda _digest: b"")
