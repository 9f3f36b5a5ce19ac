"""What an administrator may set, as the server's configuration has it."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Dict, Float, Int, List, Unicode, default
from traitlets.config import Configurable

from .settings import Settings


class Options(Configurable):
    """The settings of ``CrdtOutputsApp``, each with its help."""

    enabled = Bool(True, config=True, help="Whether to record outputs at all. False is stock JupyterLab.")

    store_url = Unicode(
        config=True,
        help="""Where artifacts are kept: an absolute path, or the URL of any file system that fsspec knows, such as
        s3://bucket/outputs. Defaults to a folder in Jupyter's data directory.""",
    )

    document_max_bytes = Int(
        4096,
        config=True,
        help="""The largest part of an output, in bytes, that stays in the shared document. From 256 to 1048576.""",
    )

    file_stream_max_bytes = Int(
        1 << 26,
        config=True,
        help="""The longest printed text of one output, in bytes, that is saved in the notebook's file. Of a longer one,
        the file has a reference and the first and last lines. From 1048576 to 1099511627776.""",
    )

    file_max_bytes = Int(
        None,
        allow_none=True,
        config=True,
        help="""The largest part of an output, in bytes, that is saved in the notebook's file. In place of an output
        with a larger one, the file has a reference and a text that says what it was, and only the artifact store has
        its bytes. None: files are complete. Else from 256 to 1099511627776. What the document itself holds
        (document_max_bytes) is in the file in any case. A notebook may say otherwise, in its metadata.""",
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

    output_max_bytes = Int(
        1 << 29,
        config=True,
        help="""The largest message with a single output (a picture, a page, a table), in bytes, that is taken. In place
        of a larger one stands a sentence that says so. From 1048576 to 1099511627776.""",
    )

    queue_max_bytes = Int(
        1 << 26,
        config=True,
        help="""How much of what kernels publish waits in memory to be recorded, in bytes, all kernels together. What is
        beyond that waits on the local disk. From 1048576 to 1099511627776.""",
    )

    spool_max_bytes = Int(
        1 << 33,
        config=True,
        help="""How much may wait on this server's disk to be uploaded to a store that is not on a local disk, in bytes.
        From 1048576 to 1125899906842624.""",
    )

    cache_max_bytes = Int(
        1 << 31,
        config=True,
        help="""How much of what such a store has is kept on this server's disk as well, in bytes. From 1048576 to
        1125899906842624.""",
    )

    signed_url_s = Int(
        0,
        config=True,
        help="""Seconds for which a browser may fetch an artifact from its bucket (S3, Azure, Google Cloud Storage),
        under a signed address to which this server sends whoever may read it. 0: browsers fetch from this server.
        Else from 10 to 604800.""",
    )

    flush_interval_ms = Int(
        50,
        config=True,
        help="""Milliseconds between two writes of a cell that prints fast. From 1 to 5000.""",
    )

    save_interval_s = Float(
        5.0,
        config=True,
        help="""Seconds after which a notebook is saved although it keeps changing. From 1 to 3600.""",
    )

    collect_every_h = Float(
        0.0,
        config=True,
        help="""Hours between two collections, in which artifacts that no notebook refers to any more go to the store's
        trash, and from there for good. 0 for none, else up to 8760.""",
    )

    grace_days = Float(
        14.0,
        config=True,
        help="""How long an artifact that nothing refers to is kept, in days, and then again in the trash. From 2 to
        3650.""",
    )

    further_roots = List(
        Unicode(),
        config=True,
        help="""Folders beside the server's root directory whose notebooks may refer to artifacts: absolute paths.""",
    )

    quota_bytes = Int(
        0,
        config=True,
        help="""How much the store may hold, in bytes; beyond it, new outputs stay in their notebooks. 0 for as much as
        fits, else from 1048576.""",
    )

    history_max = Int(
        20_000,
        config=True,
        help="""How many records of executions (who ran which cell when, and how it ended) are kept in the store. From 0
        to 10000000.""",
    )

    history_days = Float(
        30.0,
        config=True,
        help="""For how many days they are kept. From 0.01 to 36500.""",
    )

    record_sources = Bool(
        False,
        config=True,
        help="""Whether such a record holds the source that was run, beside its digest.""",
    )

    previous_runs = Int(
        10,
        config=True,
        help="""Of how many runs of a cell the outputs are kept with those records, to be compared and put back. 0 for
        none, up to 1000.""",
    )

    @default("store_url")
    def _default_store_url(self) -> str:
        return str(Path(jupyter_data_dir()) / "crdt-outputs")

    def checked(self) -> Settings:
        """All of them as one value. Raises :class:`InvalidSetting`."""
        return Settings(
            self.store_url,
            self.document_max_bytes,
            self.file_stream_max_bytes,
            self.output_max_bytes,
            self.queue_max_bytes,
            self.spool_max_bytes,
            self.cache_max_bytes,
            self.signed_url_s,
            self.flush_interval_ms,
            self.save_interval_s,
            self.collect_every_h,
            self.grace_days,
            tuple(self.further_roots),
            self.quota_bytes,
            self.file_max_bytes,
            tuple(self.file_max_bytes_for.items()),
            self.thumbnails,
            self.history_max,
            self.history_days,
            self.record_sources,
            self.previous_runs,
        )
