"""A headless JupyterLab tab: the same requests, frames and document writes, without a browser."""

from .client import LabClient, SaveFailed
from .execution import Execution, ExecutionCanceled, KernelMessage
from .wire import Traffic

__all__ = ["Execution", "ExecutionCanceled", "KernelMessage", "LabClient", "SaveFailed", "Traffic"]
