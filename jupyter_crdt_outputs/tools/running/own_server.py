"""A Jupyter server for one notebook: no browser, a free port of this machine, a token that no other user has."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from jupyter_core.paths import jupyter_runtime_dir

from ...client.servers import ONLY, RunningServer
from ...errors import ServerAway

_START_S = 60.0
_STOP_S = 60.0
_NEEDED = ("jupyter_crdt_outputs", "jupyter_server_fileid", "jupyter_server_ydoc")
_FOR_PAGES = ("jupyter_lsp", "jupyter_server_terminals", "jupyterlab", "nbclassic", "notebook")


class OwnServer:
    """Runs while it is entered; gives the server. It ends with this process, however that ends.

    It is configured as the user's servers are, and so has the same store.

    Another command that is to run the same notebook finds it, and uses it: two servers would both write the file.

    Args:
        notebook: the file. The server has what is in its folder.
    """

    def __init__(self, notebook: Path) -> None:
        self._notebook = notebook
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="crdt-outputs-run-", ignore_cleanup_errors=True)

    def __enter__(self) -> RunningServer:
        log_path = Path(self._folder.name) / "server.log"
        with log_path.open("wb") as log:
            self._process = self._start(log)
        try:
            return self._wait(self._process, log_path)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_exc: object) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_S)  # it saves what is to be saved
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._folder.cleanup()

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        extensions = dict.fromkeys(_NEEDED, True) | dict.fromkeys(_FOR_PAGES, False)
        settings = {
            "root_dir": str(self._notebook.parent),
            "ip": "127.0.0.1",
            "port": "0",
            "base_url": "/",
            "certfile": "",
            "keyfile": "",
            "sock": "",
            "open_browser": "False",
            "allow_root": "True",
            "jpserver_extensions": json.dumps(extensions).replace("true", "True").replace("false", "False"),
        }
        options = [f"--ServerApp.{name}={value}" for name, value in settings.items()]
        return subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._notebook), *options],
            cwd=self._folder.name,  # jupyter-collaboration keeps the history of documents where the server was started
            env=os.environ | {"JUPYTER_TOKEN": secrets.token_hex(24)},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the kernel
        )

    def _wait(self, process: subprocess.Popen[bytes], log_path: Path) -> RunningServer:
        info = Path(jupyter_runtime_dir()) / f"jpserver-{process.pid}.json"
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError, ValueError, KeyError):  # not there yet, or not all of it
                said = json.loads(info.read_text("utf-8"))
                root, url, token = self._notebook.parent, str(said["url"]), str(said["token"])
                return RunningServer(url, root, process.pid, token, self._notebook)
            time.sleep(0.05)
        tail = "\n".join(log_path.read_text("utf-8", "replace").splitlines()[-10:])
        raise ServerAway(f"a server for this notebook did not start\n{tail}")


def main() -> None:
    """The server's process."""
    from jupyter_server.serverapp import ServerApp  # late: the command itself does without

    notebook, *options = sys.argv[1:]

    class OneNotebooks(ServerApp):
        def server_info(self) -> dict[str, Any]:
            return {**super().server_info(), ONLY: notebook}

        def start_ioloop(self) -> None:
            threading.Thread(target=self._end_with_the_command, daemon=True).start()
            super().start_ioloop()

        def _end_with_the_command(self) -> None:
            sys.stdin.buffer.read()  # until it is closed, as it is also when the command was killed
            self.io_loop.add_callback(self.stop)  # which wakes the loop; a signal may come just before it sleeps

    OneNotebooks.launch_instance(options)


if __name__ == "__main__":
    main()
