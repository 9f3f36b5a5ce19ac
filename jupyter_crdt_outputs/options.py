"""What an administrator may set, as the server's configuration has it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Dict, Float, Int, List, Unicode, default
from traitlets.config import Configurable

from .settings import Settings, range_of


def _number(name: str, help_: str) -> Any:
    """The trait of a setting that is a number: its default, type and range are those of :class:`.Settings`."""
    usual = Settings.__dataclass_fields__[name].default
    kind: Any = Float if isinstance(usual, float) else Int
    return kind(usual, allow_none=usual is None, config=True, help=f"{help_} {range_of(name).help}")


class Options(Configurable):
    """The settings of ``CrdtOutputsApp``, each with its help."""

    enabled = Bool(True, config=True, help="Whether to record outputs at all. False is stock JupyterLab.")

    store_url = Unicode(
        config=True,
        help="""Where artifacts are kept: an absolute path, or the URL of any file system that fsspec knows, such as
        s3://bucket/outputs. Defaults to a folder in Jupyter's data directory.""",
    )

    document_max_bytes = _number(
        "document_max_bytes", "The largest part of an output, in bytes, that stays in the shared document."
    )

    file_stream_max_bytes = _number(
        "file_stream_max_bytes",
        """The longest printed text of one output, in bytes, that is saved in the notebook's file. Of a longer one,
        the file has a reference and the first and last lines.""",
    )

    file_max_bytes = _number(
        "file_max_bytes",
        """The largest part of an output, in bytes, that is saved in the notebook's file. In place of an output
        with a larger one, the file has a reference and a text that says what it was, and only the artifact store has
        its bytes. What the document itself holds (document_max_bytes) is in the file in any case. A notebook may say
        otherwise, in its metadata.""",
    )

    file_max_bytes_for = Dict(
        key_trait=Unicode(),
        value_trait=Int(allow_none=True),
        config=True,
        help="""The same for some notebooks: globs as in .gitignore, relative to the server's root, and the limit or
        None, such as {"handouts/": None, "sweeps/**/*.ipynb": 100000}. The first that matches holds.""",
    )

    thumbnails = Bool(
        False,
        config=True,
        help="""Whether a file that has references in the place of large pictures (PNG, JPEG) has small ones beside
        them, for whoever reads it without this package. Needs Pillow: pip install 'jupyter-crdt-outputs[thumbnails]'.
        """,
    )

    output_max_bytes = _number(
        "output_max_bytes",
        """The largest message with a single output (a picture, a page, a table), in bytes, that is taken. In place
        of a larger one stands a sentence that says so.""",
    )

    queue_max_bytes = _number(
        "queue_max_bytes",
        """How much of what kernels publish waits in memory to be recorded, in bytes, all kernels together. What is
        beyond that waits on the local disk.""",
    )

    spool_max_bytes = _number(
        "spool_max_bytes",
        "How much may wait on this server's disk to be uploaded to a store that is not on a local disk, in bytes.",
    )

    cache_max_bytes = _number(
        "cache_max_bytes", "How much of what such a store has is kept on this server's disk as well, in bytes."
    )

    signed_url_s = _number(
        "signed_url_s",
        """Seconds for which a browser may fetch an artifact from its bucket (S3, Azure, Google Cloud Storage),
        under a signed address to which this server sends whoever may read it.""",
    )

    flush_interval_ms = _number("flush_interval_ms", "Milliseconds between two writes of a cell that prints fast.")

    save_interval_s = _number("save_interval_s", "Seconds after which a notebook is saved although it keeps changing.")

    collect_every_h = _number(
        "collect_every_h",
        """Hours between two collections, in which artifacts that no notebook refers to any more go to the store's
        trash, and from there for good.""",
    )

    grace_days = _number(
        "grace_days", "How long an artifact that nothing refers to is kept, in days, and then again in the trash."
    )

    further_roots = List(
        Unicode(),
        config=True,
        help="""Folders beside the server's root directory whose notebooks may refer to artifacts: absolute paths.""",
    )

    quota_bytes = _number(
        "quota_bytes", "How much the store may hold, in bytes; beyond it, new outputs stay in their notebooks."
    )

    history_max = _number(
        "history_max",
        "How many records of executions (who ran which cell when, and how it ended) are kept in the store.",
    )

    history_days = _number("history_days", "For how many days they are kept.")

    record_sources = Bool(
        False,
        config=True,
        help="""Whether such a record holds the source that was run, beside its digest.""",
    )

    previous_runs = _number(
        "previous_runs",
        "Of how many runs of a cell the outputs are kept with those records, to be compared and put back.",
    )

    @default("store_url")
    def _default_store_url(self) -> str:
        return str(Path(jupyter_data_dir()) / "crdt-outputs")

    def checked(self) -> Settings:
        """All of them as one value. Raises :class:`InvalidSetting`."""
        values = {each.name: getattr(self, each.name) for each in fields(Settings)}
        values["further_roots"] = tuple(self.further_roots)
        values["file_max_bytes_for"] = tuple(self.file_max_bytes_for.items())
        return Settings(**values)
