"""Rooms of jupyter-collaboration: the only package that touches private names of what it and Jupyter are made of.

Tried with jupyter-collaboration 4.4 and 5.0. :func:`check_upstream` looks for every name before anything is
switched on, so a release that moved one turns this extension off with a message, and nothing else.
"""

from .room import Room
from .rooms import Rooms
from .upstream import (
    check_upstream,
    install_loading,
    install_notebook_class,
    remember_kernel_info,
    running_extension,
    unscoped_undo_manager,
)

__all__ = [
    "Room",
    "Rooms",
    "check_upstream",
    "install_loading",
    "install_notebook_class",
    "remember_kernel_info",
    "running_extension",
    "unscoped_undo_manager",
]
