"""How large an output may be to be in a notebook's file itself, by what the notebook, its folder and the server say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

METADATA, KEY = "crdt-outputs", "file_max_bytes"
"""Where in its metadata a notebook has a limit of its own."""

SMALLEST_BYTES = 256


class FileLimits:
    """The limits of all notebooks of a server. None is no limit: files are complete.

    Args:
        default: in bytes, where nothing else says something.
        rules: globs as in ``.gitignore``, of paths relative to the server's root, each with a limit. The first that
            matches says the limit.

    Raises:
        ValueError: a glob is none, or says what is *not* meant.
    """

    def __init__(self, default: int | None = None, rules: Iterable[tuple[str, int | None]] = ()) -> None:
        self._default = default
        self._rules = [(_parsed(glob), limit) for glob, limit in rules]

    @property
    def has_any(self) -> bool:
        """Whether anything but a notebook itself says a limit."""
        return self._default is not None or any(limit is not None for _, limit in self._rules)

    def of(self, path: str, metadata: Mapping[str, Any]) -> int | None:
        """The limit of one notebook.

        Args:
            path: of its file, relative to the server's root.
            metadata: its own; whatever else than a limit stands there is as if it were not there.
        """
        return notebook_limit(metadata, self._of_path(path))

    def _of_path(self, path: str) -> int | None:
        path = path.strip("/")
        return next((limit for glob, limit in self._rules if glob.match_file(path)), self._default)


def notebook_limit(metadata: Mapping[str, Any], otherwise: int | None = None) -> int | None:
    """What a notebook says of its file, in bytes, None for no limit; *otherwise* when it says nothing, or nonsense."""
    ours = metadata.get(METADATA)
    if not isinstance(ours, Mapping) or KEY not in ours:
        return otherwise
    limit = ours[KEY]
    if limit is None:
        return None
    # A shared document holds every number as a float.
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not SMALLEST_BYTES <= limit < 2**53:
        return otherwise
    return int(limit) if limit == int(limit) else otherwise


def _parsed(glob: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # late: most servers, and commands, have no globs

    spec = GitIgnoreSpec.from_lines([glob])
    if [pattern.include for pattern in spec.patterns] != [True]:
        raise ValueError("it matches nothing")
    return spec
