"""Reading cells without running them: which names they set and read."""

from .names import ANY, DYNAMIC, MODULE, NONE, Names
from .python import names_of

__all__ = ["ANY", "DYNAMIC", "MODULE", "NONE", "Names", "names_of"]
