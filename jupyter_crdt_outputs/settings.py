"""The settings, checked once, as one value that does not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .errors import InvalidSetting
from .files.limits import SMALLEST_BYTES, FileLimits
from .model.policy import Policy


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a setting may have.

    Attributes:
        low: the least.
        high: the greatest.
        unit: of them, for people.
        also: what else it may be, and what that means.
    """

    low: float
    high: float
    unit: str
    also: Mapping[float | None, str] = field(default_factory=dict)

    def check(self, name: str, value: float | None) -> None:
        """Raise :class:`InvalidSetting` for a value of the setting *name* that cannot work."""
        if value in self.also or (value is not None and self.low <= value <= self.high):
            return
        also = "".join(f" ({each}: {meaning})" for each, meaning in self.also.items())
        raise InvalidSetting(
            f"CrdtOutputsApp.{name} = {value} cannot work: give a number of {self.unit}{also} from {self.low} to "
            f"{self.high}."
        )

    @property
    def help(self) -> str:
        """For people who are about to choose."""
        also = "".join(f"{each}: {meaning}. " for each, meaning in self.also.items())
        return f"{also}{'Else from' if also else 'From'} {self.low} to {self.high}."


def range_of(name: str) -> Range:
    """Of the setting *name*, which is a number."""
    found: Range = Settings.__dataclass_fields__[name].metadata[_RANGE]
    return found


def _number(
    default: float | None, low: float, high: float, unit: str, also: Mapping[float | None, str] | None = None
) -> Any:
    return field(default=default, metadata={_RANGE: Range(low, high, unit, also or {})})


_RANGE = "range"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator may set; see the traits of :class:`.options.Options` for the words.

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
    document_max_bytes: int = _number(4096, 256, 1 << 20, "bytes")
    file_stream_max_bytes: int = _number(1 << 26, 1 << 20, 1 << 40, "bytes")
    file_max_bytes: int | None = _number(None, SMALLEST_BYTES, 1 << 40, "bytes", {None: "files are complete"})
    file_max_bytes_for: tuple[tuple[str, int | None], ...] = ()
    thumbnails: bool = False
    output_max_bytes: int = _number(1 << 29, 1 << 20, 1 << 40, "bytes")
    queue_max_bytes: int = _number(1 << 26, 1 << 20, 1 << 40, "bytes")
    spool_max_bytes: int = _number(1 << 33, 1 << 20, 1 << 50, "bytes")
    cache_max_bytes: int = _number(1 << 31, 1 << 20, 1 << 50, "bytes")
    signed_url_s: int = _number(0, 10, 604_800, "seconds", {0: "browsers fetch from this server"})
    flush_interval_ms: int = _number(50, 1, 5000, "milliseconds")
    save_interval_s: float = _number(5.0, 1, 3600, "seconds")
    collect_every_h: float = _number(0.0, 0.001, 8760, "hours", {0: "never"})
    grace_days: float = _number(14.0, 2, 3650, "days")
    further_roots: tuple[str, ...] = ()
    quota_bytes: int = _number(0, 1 << 20, 1 << 60, "bytes", {0: "as much as fits"})
    history_max: int = _number(20_000, 1, 10_000_000, "records", {0: "none"})
    history_days: float = _number(30.0, 0.01, 36_500, "days")
    record_sources: bool = False
    previous_runs: int = _number(10, 1, 1000, "runs", {0: "none"})

    def __post_init__(self) -> None:
        for each in fields(self):
            if _RANGE in each.metadata:
                range_of(each.name).check(each.name, getattr(self, each.name))
        for glob, limit in self.file_max_bytes_for:
            name = f"file_max_bytes_for[{glob!r}]"
            range_of("file_max_bytes").check(name, limit)
            try:
                FileLimits(rules=[(glob, limit)])
            except ValueError as error:
                raise InvalidSetting(f"CrdtOutputsApp.{name}: not a glob as in .gitignore ({error}).") from error
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
