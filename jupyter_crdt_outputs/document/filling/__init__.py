"""Bringing the outputs of a notebook into its document while people already work in it."""

from .filler import Filler
from .lacking_rooms import LackingRooms
from .unfinished import UNFINISHED, Begun, UnfinishedRooms

__all__ = ["UNFINISHED", "Begun", "Filler", "LackingRooms", "UnfinishedRooms"]
