"""``doctor``: what is configured and installed, and what is wrong."""
