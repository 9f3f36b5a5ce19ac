"""Notebooks as the server's own interface has them: files, sessions and kernels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ..errors import ServerAway
from .steps import Ask, Call, Pause

_POLL_S = 0.1
_MOST_FOLDERS = 500
_HIDDEN = ("node_modules", "__pycache__")


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook on a server.

    Attributes:
        path: below the server's root.
        modified: when it was last saved, ISO 8601.
        size: of the file in bytes, if the server says so.
    """

    path: str
    modified: str
    size: int | None


@dataclass(frozen=True, slots=True)
class NotebookList:
    """Notebooks of a folder and of those in it.

    Attributes:
        notebooks: in the order of their paths, those that are less deep first.
        is_complete: False when there were too many to find them all.
    """

    notebooks: tuple[NotebookFile, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A notebook that has a kernel.

    Attributes:
        path: of the notebook.
        kernel: id of the kernel.
        kernel_name: of its kernelspec.
        state: of the kernel: ``idle``, ``busy``, ``starting``…
    """

    path: str
    kernel: str
    kernel_name: str
    state: str


def notebooks(folder: str = "", *, most: int = 1000) -> Call[NotebookList]:
    """The notebooks of a folder, and of the folders in it, that the user may see.

    Args:
        folder: below the server's root.
        most: how many at most.

    Raises:
        NotFound: there is no such folder.
    """
    found: list[NotebookFile] = []
    folders, asked = [folder.strip("/")], 0
    while folders and asked < _MOST_FOLDERS and len(found) < most:
        at, asked = folders.pop(0), asked + 1
        listed = yield Ask(f"api/contents/{quote(at)}", params={"type": "directory", "content": 1})
        content = listed.json().get("content")
        entries = [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []
        for entry in sorted(entries, key=lambda each: str(each.get("path"))):
            path, kind = str(entry.get("path", "")), entry.get("type")
            if kind == "notebook":
                size = entry.get("size")
                modified = str(entry.get("last_modified", ""))
                found.append(NotebookFile(path, modified, size if isinstance(size, int) else None))
            elif kind == "directory" and not str(entry.get("name")).startswith((".", *_HIDDEN)):
                folders.append(path)
    return NotebookList(tuple(found[:most]), not folders and len(found) <= most)


def sessions() -> Call[list[Session]]:
    """The notebooks that have kernels."""
    said = (yield Ask("api/sessions")).json()
    found = []
    for each in said if isinstance(said, list) else ():
        kernel = each.get("kernel") or {}
        if each.get("type") == "notebook":
            name, state = str(kernel.get("name", "")), str(kernel.get("execution_state", "unknown"))
            found.append(Session(str(each.get("path", "")), str(kernel.get("id", "")), name, state))
    return found


def notebook(path: str) -> Call[dict[str, Any]]:
    """A notebook as it was last saved, which a server does within about a second. Raises NotFound."""
    answer = yield Ask(f"api/contents/{quote(path.strip('/'))}", params={"type": "notebook", "content": 1})
    content = answer.json().get("content")
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ServerAway(f"the server does not give {path} as a notebook")
    return content


def saved(path: str, since: str, *, wait_s: float = 5.0) -> Call[bool]:
    """Wait until a notebook's file was written after a moment; whether it was.

    Args:
        path: of the notebook.
        since: the moment, as ``ended_at`` of an execution.
        wait_s: how long at most, in seconds.
    """
    moment = datetime.fromisoformat(since)
    for _ in range(max(1, round(wait_s / _POLL_S))):
        told = (yield Ask(f"api/contents/{quote(path.strip('/'))}", params={"content": 0})).json()
        modified = datetime.fromisoformat(str(told.get("last_modified")))
        if modified >= moment:
            return True
        yield Pause(_POLL_S)
    return False


def kernel_languages() -> Call[dict[str, str]]:
    """The languages of the server's kernels by the names of their kernelspecs; that of the default under ``""``."""
    said = (yield Ask("api/kernelspecs")).json()
    specs = said.get("kernelspecs", {})
    found = {name: str(each.get("spec", {}).get("language", "")) for name, each in specs.items()}
    return {**found, "": found.get(str(said.get("default")), "")}
