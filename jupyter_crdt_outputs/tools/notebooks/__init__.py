"""Commands on notebook files, and how they are read and written."""
