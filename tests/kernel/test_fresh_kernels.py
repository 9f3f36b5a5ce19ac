"""The very first execution of a kernel is recorded: the server listens before any request passes."""

from __future__ import annotations

import os

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import listen, notebook, shows, stdout

ROUNDS = 15 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 3


@pytest.mark.parametrize("attempt", range(ROUNDS))
async def test_the_first_execution_of_a_fresh_kernel_is_recorded(server: LabServer, attempt: int) -> None:
    async with notebook(server, f"print('first {attempt}')") as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [stdout(f"first {attempt}\n")])
        assert heard.outputs == []


async def test_the_first_execution_after_a_restart_is_recorded(server: LabServer) -> None:
    async with notebook(server, "print('first')") as tab:
        for _ in range(3):
            await tab.kernel.restart()
            heard = listen(tab)
            assert await tab.run_all()
            await shows(tab, 0, [stdout("first\n")])
            assert heard.outputs == []
