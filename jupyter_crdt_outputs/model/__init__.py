"""The meaning of references: pure functions, no I/O and no Jupyter."""
