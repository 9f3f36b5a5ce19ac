"""Whole notebooks for programs that know nothing of the store: the originals, or a message that names the cell."""
