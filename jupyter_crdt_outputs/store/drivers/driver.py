"""What is known of a driver, and what every driver that we set up is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

Source: TypeAlias = "AbstractFileSystem | Callable[[], AbstractFileSystem]"
"""A file system, or what connects to one."""

CONNECT_S = 5
READ_S = 30  # between two packets; the whole call has a deadline of its own
POOL = 64  # connections, for an uploader that runs 32 calls at once


@dataclass(frozen=True, slots=True)
class Driver:
    """A family of schemes.

    Attributes:
        extra: the extra of our distribution that installs it.
        options: what a URL's query may say, and what is read from it; None where a query is a part of the address.
        atomic: whether one request writes one file, whole or not at all.
        build: makes a source of the URL without its query, and the options.
        root: the path of the store in it.
    """

    extra: str
    options: Mapping[str, Callable[[str], Any]] | None
    atomic: bool
    build: Callable[[str, dict[str, Any]], Source]
    root: Callable[[str], str]


def uses_http(endpoint: str | None, *variables: str) -> bool:
    """Whether *endpoint*, or else the first of the environment's *variables* that is set, is not encrypted."""
    chosen = endpoint or next((os.environ[name] for name in variables if os.environ.get(name)), "")
    return chosen.startswith("http://")
