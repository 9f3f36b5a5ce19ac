"""Programs that know nothing of this package, on files with and without references: the real ones, from PyPI."""
