"""The records of executions: what became of each, whoever asked for it."""

from .kernelspec import KernelSpec
from .ledger import Ledger
from .live import LiveRecord, Outputs
from .stamps import new_id, now

__all__ = ["KernelSpec", "Ledger", "LiveRecord", "Outputs", "new_id", "now"]
