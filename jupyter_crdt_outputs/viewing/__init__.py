"""Notebooks as text and pictures, for programs and agents that read what people see."""
