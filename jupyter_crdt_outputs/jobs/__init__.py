"""Notebooks that are run by a program: what is large goes to the store as it comes, as with a server."""
