"""``git-textconv``: a notebook as text that shows in a diff what has changed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...model.digest import Digest
from ...model.encoding import encode, is_binary
from ...model.in_file import from_file
from ...model.offload import offload
from ...model.policy import Policy
from ...model.reference import (
    REFERENCE_MIME_TYPE,
    BundleReference,
    ErrorReference,
    LogReference,
    LongStreamReference,
    Reference,
    StreamReference,
    reference_in,
)
from ..notebooks.reading import InvalidNotebook, read_notebook


def textconv(options: argparse.Namespace) -> int:
    """Print it: sources, the text of outputs, and of what is large or no text its type, size and digest.

    The same for a complete file and one with references. What is no notebook is printed as it is.
    """
    path: Path = options.path
    try:
        notebook = read_notebook(path).notebook
    except InvalidNotebook:
        print(path.read_bytes().decode("utf-8", "replace"), end="")
        return 0
    for line in _notebook(notebook):
        print(line.rstrip())
    return 0


def _notebook(notebook: Any) -> Iterator[str]:
    yield f"nbformat {notebook['nbformat']}.{notebook['nbformat_minor']}"
    yield from _metadata(notebook["metadata"])
    for number, cell in enumerate(notebook["cells"], 1):
        yield ""
        yield f"--- cell {cell.get('id') or number} ({cell['cell_type']})"
        yield from _metadata(cell["metadata"])
        yield from cell["source"].splitlines()
        for attachment, bundle in sorted((cell.get("attachments") or {}).items()):
            yield f"-- attachment {attachment}"
            yield from _bundle(bundle)
        for output in cell.get("outputs") or ():
            yield from _output(output)


def _metadata(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(metadata):
        yield f"{key}: {json.dumps(metadata[key], sort_keys=True, ensure_ascii=False)}"


def _output(original: Mapping[str, Any]) -> Iterator[str]:
    output = from_file(offload(original, Policy()).output)
    reference = reference_in(output)
    kind = output["output_type"]
    if isinstance(reference, BundleReference) or (reference is None and "data" in output):
        yield f"-- output: {kind}"
        data = {mime: value for mime, value in output["data"].items() if mime != REFERENCE_MIME_TYPE}
        if isinstance(reference, BundleReference):
            data = {mime: value for mime, value in data.items() if mime not in reference.parts}
            if reference.preview:
                data.pop("text/plain", None)
            yield from _metadata(reference.metadata)
            for mime, part in sorted(reference.parts.items()):
                yield _artifact(mime, part.size, part.digest)
        else:
            yield from _metadata(output.get("metadata", {}))
        yield from _bundle(data)
    elif reference is not None:
        yield f"-- output: {reference.kind}"
        yield from _text_of(reference, output)
    elif kind == "stream":
        yield f"-- output: stream {output['name']}"
        yield from output["text"].splitlines()
    else:
        yield f"-- output: error {output.get('ename')}: {output.get('evalue')}"
        yield from (line for entry in output.get("traceback", ()) for line in str(entry).splitlines())


def _text_of(reference: Reference, output: Mapping[str, Any]) -> Iterator[str]:
    match reference:
        case StreamReference(name, segments):
            yield from (_artifact(name, part.size, part.digest) for part in segments)
        case LongStreamReference(name, index, size):
            yield _artifact(name, size, index.digest)
        case ErrorReference(ename, evalue, part):
            yield _artifact(f"{ename}: {evalue}", part.size, part.digest)
        case LogReference(name):
            yield f"{name}: still being printed when this was saved"
    yield from str(output["data"].get("text/plain", "")).splitlines()


def _bundle(bundle: Mapping[str, Any]) -> Iterator[str]:
    for mime, value in sorted(bundle.items()):
        if isinstance(value, str) and not is_binary(mime):
            yield f"{mime}:"
            yield from value.splitlines()
        elif isinstance(value, str):
            data, _ = encode(mime, value)
            yield _artifact(mime, len(data), Digest.of(data))
        else:
            yield f"{mime}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"


def _artifact(name: str, size: int, digest: Digest) -> str:
    return f"{name}: {size:,} bytes, sha256 {digest}"
