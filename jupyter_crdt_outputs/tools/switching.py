"""``enable-nbconvert`` and ``disable-nbconvert``: a marked block in a file that other programs write to as well."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from jupyter_core.paths import ENV_CONFIG_PATH, SYSTEM_CONFIG_PATH, jupyter_config_dir, jupyter_config_path

from .notebooks.whole_file import whole_file
from .output import print_json

FILE = "jupyter_nbconvert_config.py"

_BEGIN = "# >>> jupyter-crdt-outputs >>>"
_BEGIN_GLUED = "# >>> jupyter-crdt-outputs, and the line end before this >>>"
_END = "# <<< jupyter-crdt-outputs <<<"

# `insert` is what a list and a traitlets' lazy value both have. Without this package, the block does nothing.
_BLOCK = f"""\
# Written by `jupyter crdt-outputs enable-nbconvert`; `jupyter crdt-outputs disable-nbconvert` removes it.
if __import__("importlib.util").util.find_spec("jupyter_crdt_outputs"):
    get_config().Exporter.default_preprocessors.insert(
        0, "jupyter_crdt_outputs.tools.nbconvert.ConfiguredStorePreprocessor"
    )
{_END}
"""
_MARKED = re.compile(
    rf"(?ms)(?:^{re.escape(_BEGIN)}|\n{re.escape(_BEGIN_GLUED)})\r?\n.*?^{re.escape(_END)}(?:\r?\n|\Z)".encode()
)


def enable(options: argparse.Namespace) -> int:
    """Have ``jupyter nbconvert`` resolve references. The rest of the file stays as it is, byte for byte."""
    path = _path(options)
    before = path.read_bytes() if path.exists() else b""
    rest = _MARKED.sub(b"", before)
    begin = _BEGIN if not rest or rest.endswith(b"\n") else f"\n{_BEGIN_GLUED}"
    return _leave(options, path, before, rest + f"{begin}\n{_BLOCK}".encode(), enabled=True)


def disable(options: argparse.Namespace) -> int:
    """Undo that. A file in which nothing else is goes."""
    path = _path(options)
    before = path.read_bytes() if path.exists() else b""
    return _leave(options, path, before, _MARKED.sub(b"", before), enabled=False)


def switched_on() -> Iterator[Path]:
    """The files that switch it on for ``jupyter nbconvert`` of this environment and user."""
    for folder in jupyter_config_path():
        path = Path(folder) / FILE
        if path.is_file() and _MARKED.search(path.read_bytes()):
            yield path


def _path(options: argparse.Namespace) -> Path:
    folders = {"user": jupyter_config_dir(), "sys-prefix": ENV_CONFIG_PATH[0], "system": SYSTEM_CONFIG_PATH[0]}
    return Path(folders[options.level]) / FILE


def _leave(options: argparse.Namespace, path: Path, before: bytes, after: bytes, *, enabled: bool) -> int:
    if after != before and after:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(after)
    elif after != before:
        path.unlink()
    if options.json:
        print_json({"enabled": enabled, "file": str(path), "changed": after != before})
    else:
        print(f"{'resolves' if enabled else 'does not resolve'} references: jupyter nbconvert, by {path}")
    return 0
