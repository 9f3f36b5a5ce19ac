"""First on the path of a Python, this hides the package from it, as if it were not installed."""

import sys

NAME = "jupyter_crdt_outputs"


class Hidden:
    """Finds nothing of it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == NAME:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hidden())
