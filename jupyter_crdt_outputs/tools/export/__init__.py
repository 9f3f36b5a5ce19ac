"""``export``: complete copies of notebooks, alone or with their figures and data beside them."""
