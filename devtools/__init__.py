"""What the developer tasks in ``noxfile.py`` are made of. Not part of the package."""
