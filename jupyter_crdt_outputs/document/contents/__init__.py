"""The server's contents managers, which save and open notebooks of documents without having their outputs in memory."""

from .file_managers import file_of
from .for_saving import is_saving
from .managers import ContentsManagers
from .splicing_contents import SplicingContents

__all__ = ["ContentsManagers", "SplicingContents", "file_of", "is_saving"]
