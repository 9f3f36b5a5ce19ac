"""The demo notebook in JupyterLab with collaboration."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path


def start(notebook: Path, home: Path, *, first_port: int) -> int:
    """Start JupyterLab on a copy of *notebook* in *home*; return its exit code when it is stopped.

    Documents, their history, settings and the artifacts all lie in *home*: the demo leaves the user's own alone.
    """
    documents = home / "notebooks"
    documents.mkdir(parents=True)
    shutil.copy(notebook, documents)
    port, token = _free_port(first_port), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}/lab/tree/{notebook.name}?token={token}"
    print(f"\nport   {port}\ntoken  {token}\nopen   {address}", "(in two browsers)", end="\n\n", flush=True)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={documents}",
        f"--ServerApp.default_url=/lab/tree/{notebook.name}",
        f"--ServerApp.open_browser={_has_screen()}",
        f"--ServerApp.allow_root={getattr(os, 'geteuid', lambda: 1)() == 0}",
        f"--SQLiteYStore.db_path={home / 'history.db'}",
        f"--CrdtOutputsApp.store_url={home / 'artifacts'}",
    ]
    own = {"JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_CONFIG_DIR": str(_configuration(home))}
    try:
        return subprocess.run(command, cwd=documents, env=os.environ | own, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _configuration(home: Path) -> Path:
    """A configuration without the question whether one would like to hear Jupyter's news."""
    directory = home / "config" / "labconfig"
    directory.mkdir(parents=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (directory / "page_config.json").write_text(json.dumps(quiet))
    return directory.parent


def _has_screen() -> bool:
    if os.environ.get("CI"):
        return False
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _free_port(first: int) -> int:
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"no port from {first} to {first + 99} is free: give another with --port")
