"""Whether a notebook is read from its document to be saved: upstream asks in one way for that and for a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_saving: ContextVar[list[None] | None] = ContextVar("saving", default=None)


@contextmanager
def saving() -> Iterator[None]:
    """Inside, a notebook is read from its document to be saved by a :class:`SplicingContents`."""
    token = _saving.set([None])
    try:
        yield
    finally:
        _saving.reset(token)


def is_saving() -> bool:
    """Whether the notebook that is read now is to be saved. True once for each save; what is read later is compared."""
    left = _saving.get()
    return bool(left and left.pop() is None)
