"""Which outputs are stale: those whose source was edited since, and those that were made from what is stale."""

from .assessment import assess
from .cells import CellRuns, Finding, Gone, NamesOf, Run, Stale
from .needed import needs_of, with_needed

__all__ = ["CellRuns", "Finding", "Gone", "NamesOf", "Run", "Stale", "assess", "needs_of", "with_needed"]
