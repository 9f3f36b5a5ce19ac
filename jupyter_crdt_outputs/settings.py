"""The settings, checked once, as one value that does not change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import InvalidSetting
from .files.limits import SMALLEST_BYTES, FileLimits
from .model.policy import Policy


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator may set; see the traits of :class:`.app.CrdtOutputsApp` for the words.

    Attributes:
        store_url: an absolute path or an fsspec URL.
        document_max_bytes: the largest part of an output that stays in the document.
        file_stream_max_bytes: the longest stream that is saved in the notebook's file.
        file_max_bytes: the largest part of an output that is saved in the notebook's file; None for all.
        file_max_bytes_for: the same for some folders: globs, of which the first that matches holds.
        thumbnails: whether a file shows small pictures in the place of large ones that it does not have.
        output_max_bytes: the largest message with one output that is not printed text.
        queue_max_bytes: of messages that wait in memory to be recorded.
        spool_max_bytes: of artifacts that wait on this server for a store that is far away.
        cache_max_bytes: of artifacts that were brought there, or from there.
        signed_url_s: for which browsers may fetch an artifact from its bucket; 0 for never.
        flush_interval_ms: between writes of a cell that prints fast.
        save_interval_s: between saves of a notebook that never pauses.
        collect_every_h: between two collections in the store; 0 for none.
        grace_days: how long what nobody refers to is kept, and then again in the trash.
        further_roots: folders with notebooks beside the server's root directory.
        quota_bytes: what the store may hold; 0 for as much as fits.
        history_max: how many records of executions are kept in the store; 0 for none.
        history_days: for how long.
        record_sources: whether they hold the sources that were run.
        previous_runs: of how many runs of a cell outputs are kept with them; 0 for none.
    """

    store_url: str
    document_max_bytes: int = 4096
    file_stream_max_bytes: int = 1 << 26
    output_max_bytes: int = 1 << 29
    queue_max_bytes: int = 1 << 26
    spool_max_bytes: int = 1 << 33
    cache_max_bytes: int = 1 << 31
    signed_url_s: int = 0
    flush_interval_ms: int = 50
    save_interval_s: float = 5.0
    collect_every_h: float = 0.0
    grace_days: float = 14.0
    further_roots: tuple[str, ...] = ()
    quota_bytes: int = 0
    file_max_bytes: int | None = None
    file_max_bytes_for: tuple[tuple[str, int | None], ...] = ()
    thumbnails: bool = False
    history_max: int = 20_000
    history_days: float = 30.0
    record_sources: bool = False
    previous_runs: int = 10

    def __post_init__(self) -> None:
        _check("document_max_bytes", self.document_max_bytes, 256, 1 << 20, "bytes")
        _check("file_stream_max_bytes", self.file_stream_max_bytes, 1 << 20, 1 << 40, "bytes")
        _check("output_max_bytes", self.output_max_bytes, 1 << 20, 1 << 40, "bytes")
        _check("queue_max_bytes", self.queue_max_bytes, 1 << 20, 1 << 40, "bytes")
        _check("spool_max_bytes", self.spool_max_bytes, 1 << 20, 1 << 50, "bytes")
        _check("cache_max_bytes", self.cache_max_bytes, 1 << 20, 1 << 50, "bytes")
        if self.signed_url_s:
            _check("signed_url_s", self.signed_url_s, 10, 604800, "seconds (0: browsers fetch from this server)")
        _check("flush_interval_ms", self.flush_interval_ms, 1, 5000, "milliseconds")
        _check("save_interval_s", self.save_interval_s, 1, 3600, "seconds")
        _check("grace_days", self.grace_days, 2, 3650, "days")
        if self.collect_every_h:
            _check("collect_every_h", self.collect_every_h, 0.001, 8760, "hours")
        if self.quota_bytes:
            _check("quota_bytes", self.quota_bytes, 1 << 20, 1 << 60, "bytes")
        _check_limit("file_max_bytes", self.file_max_bytes)
        for glob, limit in self.file_max_bytes_for:
            name = f"file_max_bytes_for[{glob!r}]"
            _check_limit(name, limit)
            try:
                FileLimits(rules=[(glob, limit)])
            except ValueError as error:
                raise InvalidSetting(f"CrdtOutputsApp.{name}: not a glob as in .gitignore ({error}).") from error
        _check("history_max", self.history_max, 0, 10_000_000, "records")
        _check("history_days", self.history_days, 0.01, 36_500, "days")
        _check("previous_runs", self.previous_runs, 0, 1000, "runs")
        for root in self.further_roots:
            if not Path(root).is_absolute():
                raise InvalidSetting(f"CrdtOutputsApp.further_roots: {root!r} is no absolute path.")

    @property
    def policy(self) -> Policy:
        """What leaves the document."""
        return Policy(self.document_max_bytes, self.file_stream_max_bytes)

    @property
    def file_limits(self) -> FileLimits:
        """What leaves the files of notebooks."""
        return FileLimits(self.file_max_bytes, self.file_max_bytes_for)


def _check_limit(name: str, limit: int | None) -> None:
    if limit is not None:
        _check(name, limit, SMALLEST_BYTES, 1 << 40, "bytes (None: no limit)")


def _check(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise InvalidSetting(
            f"CrdtOutputsApp.{name} = {value} cannot work: give a number of {unit} from {low} to {high}."
        )
