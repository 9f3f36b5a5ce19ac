"""Measurements, side by side with stock jupyter-collaboration: ``python -m benchmarks``."""
