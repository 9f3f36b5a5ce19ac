"""What is spliced is, byte for byte, what nbformat would have written; and a file is always a whole one."""

from __future__ import annotations

import copy
import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_crdt_outputs.files import CannotSplice, NotebookFiles
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.model.snapshot import CellSnapshot
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive

from .. import small_disks
from ..model.outputs import outputs

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
KILLS = 200 if LONG else 5
EXAMPLES = 2000 if LONG else 50
POLICY = Policy(256, 1 << 20)
BIG = "x" * 5000


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def code(*outputs: dict[str, Any], source: str = "", trusted: bool = True) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"trusted": True} if trusted else {},
        "source": source,
        "outputs": list(outputs),
    }


def of(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


long_streams = st.sampled_from([BIG, BIG + "\n", "é\r\n\u2028" * 200]).map(stream)
sources = st.sampled_from(["", "a\nb", "\"'\\"])
cells = st.builds(
    lambda outputs, source, trusted: code(*outputs, source=source, trusted=trusted),
    st.lists(outputs | long_streams, max_size=3),
    sources,
    st.booleans(),
) | sources.map(lambda source: {"cell_type": "markdown", "metadata": {"trusted": True}, "source": source})
notebooks = st.builds(
    lambda cells, metadata: {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4},
    st.lists(cells, max_size=4),
    st.sampled_from([{}, {"kernelspec": {"name": "python3", "display_name": "é"}}, {"signature": "old"}]),
)


limits = st.sampled_from([None, None, 256, 4000, 1 << 20])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(open_store(str(tmp_path_factory.mktemp("store"))), POLICY)


@pytest.fixture(scope="module")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookNotary]:
    notary = NotebookNotary(data_dir=str(tmp_path_factory.mktemp("notary")), store_factory=MemorySignatureStore)
    yield notary
    notary.close()


def stock(notebook: dict[str, Any], notary: NotebookNotary) -> tuple[bytes, str | None]:
    """The file that jupyter_server would have written, and the signature that it would have kept."""
    complete = nbformat.from_dict(copy.deepcopy(notebook))
    trusted = notary.check_cells(complete)
    signature = notary.compute_signature(complete) if trusted else None
    file = io.StringIO()
    nbformat.write(complete, file)
    return file.getvalue().encode(), signature


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(st.tuples(notebooks, limits, st.booleans()), min_size=1, max_size=4))
def test_every_save_leaves_the_bytes_the_hash_and_the_signature_that_stock_would_have(
    versions: list[tuple[dict[str, Any], int | None, bool]], archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    """One after another, so that outputs are found in the file before, moved, doubled, dropped and kept out of it, and
    cells are found to be the same as in the save before.
    """
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"
    path.unlink(missing_ok=True)
    snapshots: dict[str, CellSnapshot] = {}
    for version, limit, are_known in versions:
        expected, signature = None, None
        document = archive.offload_notebook(version)
        if are_known:
            document["cells"] = [snapshots.setdefault(repr(cell), CellSnapshot(cell)) for cell in document["cells"]]
        in_file, problems = archive.restore_notebook(document, limit)
        assert not problems
        with suppress(UnicodeEncodeError):
            expected, signature = stock(in_file, notary)
            if signature is None and stock(version, notary)[1] is not None:  # a reference to a text that needs no trust
                signature = notary.compute_signature(untrusting(in_file))
        try:
            saved = files.save(path, document, notary, "sha256", limit)
        except CannotSplice:
            assert expected is None or not is_valid(version), "the ordinary way was taken without need"
            continue
        assert expected is not None
        assert path.read_bytes() == expected
        assert saved.hash == hashlib.sha256(expected).hexdigest() == files.hash_of(path, "sha256")
        assert saved.signature == signature
        assert [file.name for file in tmp_path.iterdir()] == ["a.ipynb"]
        of_file, of_document = references(nbformat.read(path, 4)), references(document)
        assert all(kept in (None, reference) for kept, reference in zip(of_file, of_document, strict=True))
        if limit is None:
            assert in_file == version


def references(notebook: dict[str, Any]) -> list[Any]:
    """What each output refers to; None for one that is here itself."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return [output["data"].get(REFERENCE_MIME_TYPE) if "data" in output else None for output in outputs]


def untrusting(notebook: dict[str, Any]) -> Any:
    """As it is signed: without the marks of trust of its code."""
    copied = nbformat.from_dict(copy.deepcopy(notebook))
    for cell in copied["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"].pop("trusted", None)
    return copied


def is_valid(notebook: dict[str, Any]) -> bool:
    try:
        nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)))
    except nbformat.ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", ["stream", "index", "error"])
@pytest.mark.parametrize("beside", [{}, {"text/html": "<script>steal()</script>"}])
def test_what_stands_beside_the_reference_to_a_text_is_not_signed_as_if_it_were_that_text(
    archive: Archive, notary: NotebookNotary, tmp_path: Path, kind: str, beside: dict[str, str]
) -> None:
    """Whoever sends a notebook may write anything there, which a server without this package would then trust."""
    part = {"sha256": "0" * 64, "size": 1 << 30, "encoding": "utf-8"}
    reference = {
        "stream": {"kind": "stream", "name": "stdout", "segments": [part]},
        "index": {"kind": "stream", "name": "stdout", "index": part, "size": 1 << 50, "lines": 1},
        "error": {"kind": "error", "ename": "E", "evalue": "", "part": part},
    }[kind]
    data = {REFERENCE_MIME_TYPE: reference, "text/plain": "a text", **beside}
    sent = of(code({"output_type": "display_data", "data": data, "metadata": {}}, trusted=False))
    document = archive.offload_notebook(sent)
    saved = NotebookFiles(archive).save(tmp_path / "a.ipynb", document, notary, "sha256", 256)
    assert (saved.signature is None) == bool(beside)


def test_a_limit_that_changes_changes_the_file_and_back(
    archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"
    notebook = of(code(stream(BIG)), code(stream("short")))
    document = archive.offload_notebook(notebook)
    for limit, is_complete in ((None, True), (4999, False), (5000, True), (256, False), (None, True)):
        files.save(path, document, notary, "sha256", limit)
        assert (path.read_bytes() == stock(notebook, notary)[0]) == is_complete
        assert b"short" in path.read_bytes()
        assert (b"not in this file" in path.read_bytes()) != is_complete
        before = path.stat().st_ino
        files.save(path, document, notary, "sha256", limit)
        assert path.stat().st_ino == before


def test_an_output_that_was_saved_is_taken_from_the_file_and_not_from_the_store(
    archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    path, store = tmp_path / "a.ipynb", open_store(str(tmp_path / "store"))
    own = Archive(store, POLICY)
    files = NotebookFiles(own)
    notebook = of(code(stream(BIG)))
    notebook["cells"][0]["metadata"] = {}  # a signature would need the store
    notebook["cells"].append(code({"output_type": "display_data", "data": {}, "metadata": {}}) | {"metadata": {}})
    files.save(path, own.offload_notebook(notebook), notary, "sha256")
    thin = own.offload_notebook(notebook)
    [segment] = reference_in(thin["cells"][0]["outputs"][0]).segments  # type: ignore[union-attr]
    store.delete(segment.digest)
    thin["cells"][0]["source"] = notebook["cells"][0]["source"] = "edited"
    files.save(path, thin, notary, "sha256")
    assert path.read_bytes() == stock(notebook, notary)[0]


def test_where_the_system_copies_nothing_from_file_to_file_a_notebook_is_saved_all_the_same(
    archive: Archive, notary: NotebookNotary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"
    files.save(path, archive.offload_notebook(of(code(stream(BIG)))), notary, "sha256")

    def refuse(*_arguments: Any, **_named: Any) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))  # as some sandboxes do, and some network file systems

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    changed = of(code(stream(BIG)), code(source="1"))
    files.save(path, archive.offload_notebook(changed), notary, "sha256")
    assert path.read_bytes() == stock(changed, notary)[0]


def test_what_is_equal_to_the_file_is_not_written(archive: Archive, notary: NotebookNotary, tmp_path: Path) -> None:
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"
    thin = archive.offload_notebook(of(code(stream(BIG))))
    files.save(path, thin, notary, "sha256")
    before = path.stat()
    files.save(path, thin, notary, "sha256")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("replaced", [True, False])
def test_a_file_that_somebody_else_changed_is_not_spliced_from(
    archive: Archive, notary: NotebookNotary, tmp_path: Path, replaced: bool
) -> None:
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"
    notebook = of(code(stream(BIG)))
    files.save(path, archive.offload_notebook(notebook), notary, "sha256")
    if replaced:
        path.unlink()
    path.write_bytes(b"z" * 7000)
    assert files.hash_of(path, "sha256") is None
    files.save(path, archive.offload_notebook(notebook), notary, "sha256")
    assert path.read_bytes() == stock(notebook, notary)[0]


def test_an_artifact_that_is_missing_is_left_to_the_ordinary_way_and_the_file_is_as_it_was(
    archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("before")
    thin = archive.offload_notebook(of(code(stream("never to be found" * 1000))))
    archive.store.delete(Digest.of(b"never to be found" * 1000))
    with pytest.raises(CannotSplice):
        NotebookFiles(archive).save(path, thin, notary, "sha256")
    assert path.read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(
    archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "b.ipynb", tmp_path / "a.ipynb"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    notebook = of(code(stream(BIG)))
    files = NotebookFiles(archive)
    for source in ("1", "2"):
        notebook["cells"][0]["source"] = source
        files.save(link, archive.offload_notebook(notebook), notary, "sha256")
        assert link.is_symlink()
        assert target.read_bytes() == stock(notebook, notary)[0]
        assert target.stat().st_mode & 0o777 == 0o640


def test_a_file_with_two_names_and_one_of_another_owner_are_left_to_the_ordinary_way(
    archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    """A rename would part the names, or take the file away from its owner."""
    path = tmp_path / "a.ipynb"
    path.write_text("before")
    (tmp_path / "b.ipynb").hardlink_to(path)
    with pytest.raises(CannotSplice):
        NotebookFiles(archive).save(path, of(), notary, "sha256")
    (tmp_path / "b.ipynb").unlink()
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        with pytest.raises(CannotSplice):
            NotebookFiles(archive).save(path, of(), notary, "sha256")
    assert path.read_text() == "before"


def test_a_disk_that_fills_up_in_the_middle_of_a_save_leaves_the_old_file(
    archive: Archive, notary: NotebookNotary, small_disk: Path
) -> None:
    files, path = NotebookFiles(archive), small_disk / "a.ipynb"
    small = of(code(stream(BIG)))
    files.save(path, archive.offload_notebook(small), notary, "sha256")
    large = of(code(stream(BIG)), code(stream("y" * 100_000)))
    with pytest.raises(OSError, match="No space left"):
        files.save(path, archive.offload_notebook(large), notary, "sha256")
    assert path.read_bytes() == stock(small, notary)[0]
    assert [file.name for file in small_disk.iterdir()] == ["a.ipynb"]
    small["cells"][0]["source"] = "there is room for this"
    files.save(path, archive.offload_notebook(small), notary, "sha256")
    assert path.read_bytes() == stock(small, notary)[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    with small_disks.small_disk(tmp_path / "small", "64k") as point:
        yield point


def test_a_server_that_is_killed_while_it_saves_leaves_a_whole_file(tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from nbformat.sign import MemorySignatureStore, NotebookNotary
        from jupyter_crdt_outputs.files import NotebookFiles
        from jupyter_crdt_outputs.model.policy import Policy
        from jupyter_crdt_outputs.store import open_store
        from jupyter_crdt_outputs.store.archive import Archive

        folder = Path(sys.argv[1])
        archive = Archive(open_store(str(folder / "store")), Policy(256, 1 << 20))
        notary = NotebookNotary(data_dir=str(folder), store_factory=MemorySignatureStore)
        def cell(n):
            stream = {"output_type": "stream", "name": "stdout", "text": str(n) * 100_000}
            return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "", "outputs": [stream]}
        notebook = {"cells": [cell(n) for n in range(10)], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        thin, files, number = archive.offload_notebook(notebook), NotebookFiles(archive), 0
        while True:
            thin["cells"][number % 10]["source"] += "x"
            files.save(folder / "a.ipynb", thin, notary, "sha256")
            print(number, flush=True)
            number += 1
        """
    )
    for kill in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(1 + kill % 4):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        notebook = json.loads((tmp_path / "a.ipynb").read_bytes())
        texts = ["".join(cell["outputs"][0]["text"]) for cell in notebook["cells"]]
        assert texts == [f"{n}" * 100_000 for n in range(10)]
