"""Which outputs are stale: those whose source was edited since, and those that were made from what is stale."""

from .assessment import assess, needs_of, with_needed
from .cells import CellRuns, Finding, Gone, NamesOf, Run, Stale

__all__ = ["CellRuns", "Finding", "Gone", "NamesOf", "Run", "Stale", "assess", "needs_of", "with_needed"]
