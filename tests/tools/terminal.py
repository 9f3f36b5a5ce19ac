"""A command on a terminal, as far as it can tell."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Sequence

from .program import Program


def on_a_terminal(
    program: Program,
    *arguments: str,
    answer: str = "",
    answers: Sequence[tuple[str, str]] = (),
    stdout: int | None = None,
) -> tuple[int, str]:
    """The exit code, and everything that appeared there.

    *answer* is typed at once; of *answers*, each when what it is to appears. *stdout* may be led elsewhere.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    options = {"stdin": theirs, "stdout": theirs if stdout is None else stdout, "stderr": theirs}
    try:
        with program.start(*arguments, **options) as process:
            os.close(theirs)
            if answer:
                os.write(ours, answer.encode())
            shown = _read(ours, time.monotonic() + 60, list(answers))
            code = process.wait(60)
    finally:
        os.close(ours)
    text = shown.decode(errors="replace")
    assert "Traceback" not in text, text
    return code, text


def _read(descriptor: int, deadline: float, answers: list[tuple[str, str]]) -> bytes:
    shown = b""
    while time.monotonic() < deadline:
        ready, _, _ = select.select([descriptor], [], [], 1)
        if ready:
            try:
                piece = os.read(descriptor, 65536)
            except OSError:  # Linux, once nobody has the other end open
                return shown
            if not piece:
                return shown
            shown += piece
            if answers and answers[0][0].encode() in shown:
                os.write(descriptor, answers.pop(0)[1].encode())
    raise TimeoutError(shown)
