"""Kernels that are not ipykernel are recorded all the same."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.lab_client.kernel import KernelConnection
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import (
    WAIT_S,
    Heard,
    are_idle,
    becomes,
    counts,
    is_stored,
    listen,
    notebook,
    opened,
    prints,
    saved_outputs,
    shows,
    stdout,
)


@dataclass(frozen=True)
class Program:
    """One thing, said in the language of a kernel.

    Attributes:
        stream: prints "hello", and nothing else.
        display: shows data of the type in *shown* and has no result.
        shown: a MIME type of that.
        result: is 42, as its last value.
        result_type: the output type of a result.
        error: fails.
        long: prints 200,000 characters.
        slow: prints "started", then waits for ten minutes.
        can_interrupt: whether an interrupt ends that.
    """

    stream: str
    display: str
    shown: str
    result: str
    result_type: str
    error: str
    long: str
    slow: str
    can_interrupt: bool = True


PYTHON = Program(
    stream="print('hello')",
    display="from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))",
    shown="text/html",
    result="40 + 2",
    result_type="execute_result",
    error="1/0",
    long="print('0123456789' * 20_000)",
    slow="import time\nprint('started', flush=True)\ntime.sleep(600)",
)
PROGRAMS = {
    "deno": Program(
        stream="console.log('hello')",
        display="await Deno.jupyter.display(Deno.jupyter.html`<b>bold</b>`)",
        shown="text/html",
        result="40 + 2",
        result_type="execute_result",
        error="throw new Error('broken')",
        long="console.log('0123456789'.repeat(20000))",
        slow="console.log('started'); await new Promise(resolve => setTimeout(resolve, 600000))",
        can_interrupt=False,
    ),
    "xpython": PYTHON,
    "ir": Program(
        stream="cat('hello\\n')",
        display="IRdisplay::display_html('<b>bold</b>')",
        shown="text/html",
        result="40 + 2",
        result_type="display_data",
        error="stop('broken')",
        long="cat(strrep('0123456789', 20000), '\\n', sep='')",
        slow="cat('started\\n'); flush.console(); Sys.sleep(600)",
    ),
}
REQUIRED = ("deno", "xpython")


@pytest.fixture(params=PROGRAMS)
def kernel(request: pytest.FixtureRequest) -> str:
    """Each kernel that is here; CI must have the required ones."""
    name = str(request.param)
    if name not in KernelSpecManager().find_kernel_specs():
        if name in REQUIRED and os.environ.get("CI") == "true":
            pytest.fail(f"the kernel {name} is not installed; the test set-up installs it")
        pytest.skip(f"the kernel {name} is not installed")
    return name


async def test_what_it_prints_shows_and_returns_is_recorded(server: LabServer, kernel: str) -> None:
    program = PROGRAMS[kernel]
    sources = (program.stream, program.display, program.result)
    async with notebook(server, *sources, kernel_name=kernel) as tab, opened(server, tab.path) as passive:
        heard = listen(tab)
        first, *others = tab.cell_ids()
        assert await tab.run_cells([first])
        await shows(passive, 0, [stdout("hello\n")])  # before the next: Deno may publish it as if that had printed it
        assert await tab.run_cells(others)
        await becomes(passive, lambda: bool(passive.outputs(1)) and bool(passive.outputs(2)))
        assert "<b>bold</b>" in passive.outputs(1)[0]["data"][program.shown]
        assert passive.outputs(2)[0]["output_type"] == program.result_type
        assert "42" in passive.outputs(2)[0]["data"]["text/plain"]
        await becomes(passive, lambda: are_idle(passive) and counts(passive) == [1, 2, 3])
        assert heard.outputs == []


async def test_its_errors_are_recorded_and_every_cell_behind_one_ends_idle(server: LabServer, kernel: str) -> None:
    program = PROGRAMS[kernel]
    async with notebook(server, program.error, program.stream, kernel_name=kernel) as tab:
        heard = listen(tab)
        running = asyncio.create_task(tab.run_all())  # not awaited: R's kernel never says that it is done
        await becomes(tab, lambda: any(output["output_type"] == "error" for output in tab.outputs(0)))
        await becomes(tab, lambda: are_idle(tab) and counts(tab)[0] == 1)
        assert heard.outputs == []
        running.cancel()


async def test_its_long_output_is_stored_and_whole_in_the_file(server: LabServer, kernel: str) -> None:
    async with notebook(server, PROGRAMS[kernel].long, kernel_name=kernel) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_stored(tab.outputs(0)))
        assert tab.doc_bytes() < 20_000
        await tab.save()
        assert saved_outputs(server, tab.path) == [[stdout("0123456789" * 20_000 + "\n")]]


async def test_it_can_be_interrupted_or_else_restarted(server: LabServer, kernel: str) -> None:
    program = PROGRAMS[kernel]
    async with notebook(server, program.slow, program.stream, kernel_name=kernel) as tab:
        first, second = tab.cell_ids()
        running = asyncio.create_task(tab.run_cells([first]))
        await becomes(tab, prints(tab, 0, "started"))
        if program.can_interrupt:
            await tab.kernel.interrupt()
            await asyncio.wait([running])
        else:
            await tab.kernel.restart()
            await asyncio.wait([running])
        await becomes(tab, lambda: are_idle(tab))
        assert prints(tab, 0, "started")()
        assert await tab.run_cells([second])
        await shows(tab, 1, [stdout("hello\n")])


async def test_its_cells_end_although_every_browser_left(brief: LabServer, kernel: str) -> None:
    """R's kernel says nothing at all of what it drops behind an error."""
    program = PROGRAMS[kernel]
    async with (
        notebook(brief, program.stream, program.error, program.stream, kernel_name=kernel) as tab,
        published(brief, tab) as heard,
    ):
        for cell_id in tab.cell_ids():
            tab.start(cell_id)
        # Deno now and then publishes what a cell printed as if the next one had.
        await becomes(tab, lambda: prints(tab, 0, "hello")() or prints(tab, 1, "hello")())
        await tab.close()
        async with opened(brief, tab.path, kernel_name=kernel) as later:
            await becomes(later, lambda: are_idle(later))
            async with asyncio.timeout(WAIT_S):
                # xeus-python now and then publishes no error of a cell that was asked for while another one ran.
                while bool(later.outputs(1)) != bool(heard.of("error")):  # noqa: ASYNC110 - two websockets
                    await asyncio.sleep(0.05)


@asynccontextmanager
async def published(server: LabServer, tab: LabClient) -> AsyncIterator[Heard]:
    """What a program hears that does nothing but listen to a tab's kernel."""
    heard, listener = Heard(), KernelConnection(server, tab.kernel.kernel_id)
    listener.on_message = heard.messages.append
    await listener.open()
    try:
        yield heard
    finally:
        await listener.close()
