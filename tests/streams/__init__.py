"""Tests of jupyter_crdt_outputs.streams."""
