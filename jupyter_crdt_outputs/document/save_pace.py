"""When a notebook is saved that keeps changing."""

from __future__ import annotations

from dataclasses import dataclass

_REST = 10
"""A save may take up this part of the time at most, on average."""

_BYTES_PER_S = 1.5e6
"""What a notebook's saves write at most, on average."""

_AT_ONCE = 4
"""So many saves may follow each other without a rest, when there was none for long: somebody edits a little."""

_RETRY_S = 20.0
"""After failures, a small notebook is tried again this often at least."""

_LONGEST_S = 60.0
"""Nothing waits longer than this to be saved. A crash loses nothing for it: the document's history and its journal have
what the file lacks."""


@dataclass(slots=True)
class SavePace:
    """Says when a notebook is to be saved, by a token bucket of seconds. All times are of one clock, in seconds.

    Attributes:
        interval_s: how long a notebook that changes without a pause is left unsaved.
        changed_at: the last change.
        unsaved_since: the first change that no save has begun after; None when there is none.
    """

    interval_s: float
    changed_at: float = 0.0
    unsaved_since: float | None = None
    _cost_s: float = 0.0
    _credit_s: float = 0.0
    _counted_at: float = 0.0
    _failed_at: float = 0.0
    _failures: int = 0

    @property
    def has_failed(self) -> bool:
        """Whether the last save did not succeed."""
        return self._failures > 0

    def changed(self, now: float) -> None:
        """Somebody changed the notebook."""
        self.changed_at = now
        if self.unsaved_since is None:
            self.unsaved_since = now

    def begins(self, now: float) -> None:
        """A save begins, which has all changes until now."""
        self._count(now)
        self.unsaved_since = None

    def ended(self, began: float, now: float, size: int, succeeded: bool) -> None:
        """It ended.

        Args:
            began: when.
            now: when.
            size: bytes of the file; 0 when that is not known.
            succeeded: whether the file has it.
        """
        is_first = not self._cost_s
        self._cost_s = min(_LONGEST_S, max(_REST * (now - began), size / _BYTES_PER_S))
        full_s = _AT_ONCE * self._cost_s
        self._credit_s = max(0.0, (full_s if is_first else min(full_s, self._credit_s)) - self._cost_s)
        self._failures = 0 if succeeded else self._failures + 1
        if not succeeded:
            self._failed_at = now
            self.unsaved_since = began if self.unsaved_since is None else min(began, self.unsaved_since)

    def due_at(self, pause_s: float) -> float | None:
        """When to save next, if nothing changes before; None when there is nothing to save.

        Args:
            pause_s: how long nothing may have changed, unless the interval is over.
        """
        if self.unsaved_since is None:
            return None
        wanted = min(self.changed_at + pause_s, self.unsaved_since + self.interval_s)
        if self._failures:
            wait_s = self.interval_s * 2 ** min(self._failures - 1, 10)
            wanted = max(wanted, self._failed_at + max(self.interval_s, min(_RETRY_S, wait_s)))
        return max(wanted, self._counted_at + max(0.0, self._cost_s - self._credit_s))

    def _count(self, now: float) -> None:
        self._credit_s = min(_AT_ONCE * self._cost_s, self._credit_s + now - self._counted_at)
        self._counted_at = now
