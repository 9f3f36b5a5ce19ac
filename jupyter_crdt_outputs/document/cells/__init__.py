"""Cells as programs read and edit them, in the document that people have open."""
