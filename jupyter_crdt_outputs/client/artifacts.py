"""What is stored, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..errors import ArtifactCorrupt
from ..model.digest import Digest
from ..model.reference import LogReference, LongStreamReference, StreamReference, reference_in
from ..model.restore import restore
from ..model.segments import from_index
from .asking import API, WAIT_S
from .steps import Ask, Call, Calls, Found
from .streams import lines_of


def artifact(digest: Digest | str) -> Call[bytes]:
    """An artifact's bytes, which hash to *digest*, or an error.

    Raises:
        ArtifactMissing: the server has no such.
        ArtifactCorrupt: something on the way has changed it, or the server's store has.
    """
    wanted = digest if isinstance(digest, Digest) else Digest.parse(digest)
    answer = yield Ask(f"{API}/artifacts/{wanted.hex}", wait_s=600.0)
    if Digest.of(answer.content) != wanted:
        raise ArtifactCorrupt(f"what the server sent as {wanted.hex} hashes to something else")
    return answer.content


def original(output: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """The output that a reference stands for, every byte verified; others, and those under way, as they are.

    Raises:
        ArtifactMissing, ArtifactCorrupt: it cannot be had.
    """
    reference = reference_in(output)
    found: dict[Digest, bytes] = {}
    for digest in () if reference is None else reference.digests:
        found[digest] = yield from artifact(digest)
        if isinstance(reference, LongStreamReference):
            for segment in from_index(found[digest]):
                found[segment.digest] = yield from artifact(segment.digest)
    return restore(output, found.__getitem__)


def stream_text(stream: StreamReference | LongStreamReference | LogReference | str) -> Calls[str]:
    """The text of a long stream, in pieces, and as it grows if it is being written.

    Args:
        stream: what ``reference_in(output)`` gives; or the id of a log, or the digest of an index.
    """
    start, after = 0, ""
    is_live = True
    while is_live:
        is_live = not isinstance(stream, StreamReference | LongStreamReference)
        if is_live:
            name = stream.log if isinstance(stream, LogReference) else str(stream)
            params: dict[str, str | int] = {"tail": 0, **({"after": after} if after else {})}
            told = (yield Ask(f"{API}/streams/{quote(name, safe='')}/lines", params=params, wait_s=WAIT_S)).json()
            is_live, after = bool(told.get("live")), str(told.get("revision", ""))
        is_last = False
        while not is_last:
            data, is_last = yield from lines_of(stream, start)
            if is_live and is_last:  # the unfinished line may still change
                data = data[: data.rfind(b"\n") + 1]
            start += len(data)
            if data:
                yield Found(data.decode("utf-8", "replace"))
