"""Progress bars: on a terminal, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], object]


def is_shown() -> bool:
    """Whether somebody would see a bar. It goes to stderr, so results in a pipe or a file are never mixed with it."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def progress(what: str, total: int | None, *, unit: str = "B") -> Iterator[Advance]:
    """A bar while the body runs; gives the function that moves it on. Call that from one thread.

    Args:
        what: is being done, for people.
        total: how much there is to do; None when nobody knows.
        unit: of *total*; bytes are shown as kB, MB, …
    """
    if not is_shown():
        yield lambda done: None
        return
    from tqdm import tqdm  # late: most commands end without a bar

    with tqdm(
        desc=what, total=total, unit=unit, unit_scale=True, leave=False, dynamic_ncols=True, file=sys.stderr
    ) as bar:
        yield bar.update
