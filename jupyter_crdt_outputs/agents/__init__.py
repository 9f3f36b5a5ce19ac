"""Notebooks for AI agents: a server of the Model Context Protocol, on top of :mod:`..client` alone.

An agent does what the user may do whose token it was given, in the live document, where people see it. Needs the extra
``jupyter-crdt-outputs[mcp]``.
"""
