"""Input, interrupts, and errors that stop what was queued behind them."""

from __future__ import annotations

import asyncio

from jupyter_crdt_outputs.testing.lab_client import KernelMessage
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, counts, listen, notebook, opened, plain, prints, saved_outputs, shows, states, stderr, stdout


def stdin(text: str) -> dict[str, str]:
    return {"output_type": "stream", "name": "stdin", "text": text}


async def test_a_question_is_answered_and_stands_where_it_was_asked(server: LabServer) -> None:
    source = "print('before')\nfor i in range(5): print('hello', input('name?'))\nprint('after')"
    async with notebook(server, source) as tab, opened(server, tab.path) as other:
        asked: asyncio.Queue[KernelMessage] = asyncio.Queue()
        execution = tab.start(tab.cell_ids()[0])
        answer, execution.on_stdin = execution.on_stdin, asked.put_nowait
        names = iter("abcde")
        tab.answer = lambda _prompt: next(names)
        expected = [stdout("before\n")]
        for name in "abcde":
            request = await asked.get()
            await shows(tab, 0, expected)  # a person sees what was printed before answering
            answer(request)
            expected += [stdin(f"name? {name}\n"), stdout(f"hello {name}\n")]
        expected[-1] = stdout("hello e\nafter\n")
        await shows(tab, 0, expected)
        await shows(other, 0, expected)


async def test_an_interrupt_ends_the_cell_with_the_kernels_error(server: LabServer) -> None:
    async with notebook(server, "import time\nprint('sleeping', flush=True)\ntime.sleep(600)", "'next'") as tab:
        heard = listen(tab)
        running = asyncio.create_task(tab.run_all())
        await becomes(tab, prints(tab, 0, "sleeping"))
        await tab.kernel.interrupt()
        assert not await running
        await becomes(tab, lambda: len(tab.outputs(0)) == 2)
        assert tab.outputs(0)[0] == stdout("sleeping\n")
        assert tab.outputs(0)[1]["ename"] == "KeyboardInterrupt"
        assert tab.outputs(1) == []
        await becomes(tab, lambda: states(tab) == ["idle", "idle"])
        assert heard.outputs == []


async def test_an_error_stops_what_was_queued_behind_it(server: LabServer) -> None:
    async with notebook(server, "print('one')", "1/0", "print('never')") as tab:
        heard = listen(tab)
        assert not await tab.run_all()
        await becomes(tab, lambda: len(tab.outputs(1)) == 1)
        assert tab.outputs(1)[0]["ename"] == "ZeroDivisionError"
        assert tab.outputs(2) == []
        await becomes(tab, lambda: states(tab) == ["idle"] * 3)
        assert counts(tab) == [1, 2, None]
        assert heard.outputs == []


async def test_an_error_that_is_expected_stops_nothing(server: LabServer) -> None:
    async with notebook(server, "1/0", "print('goes on')", tags={0: ["raises-exception"]}) as tab:
        assert not await tab.run_all()
        await shows(tab, 1, [stdout("goes on\n")])
        assert tab.outputs(0)[0]["ename"] == "ZeroDivisionError"


async def test_a_large_traceback_is_stored_and_whole_in_the_file(server: LabServer) -> None:
    async with notebook(server, "raise ValueError('x' * 100_000)") as tab:
        assert not await tab.run_all()
        await becomes(tab, lambda: bool(tab.outputs(0)))
        assert tab.doc_bytes() < 10_000
        await tab.save()
        (error,) = saved_outputs(server, tab.path)[0]
        assert error["output_type"] == "error"
        assert error["evalue"] == "x" * 100_000


async def test_the_pager_stays_the_browsers_business(server: LabServer) -> None:
    async with notebook(server, "def known(): 'A docstring.'", "known?", "%load_ext nothing_of_that_name") as tab:
        await tab.run_cells(tab.cell_ids()[:2])
        await becomes(tab, lambda: bool(tab.outputs(1)))
        assert "A docstring." in tab.outputs(1)[0]["data"]["text/plain"]


async def test_results_and_errors_carry_the_count_that_the_kernel_gave_them(server: LabServer) -> None:
    async with notebook(server, "1", "import sys; print('err', file=sys.stderr); 2") as tab:
        assert await tab.run_all()
        await shows(tab, 0, [plain("execute_result", "1", execution_count=1)])
        await shows(tab, 1, [stderr("err\n"), plain("execute_result", "2", execution_count=2)])
        assert await tab.run_all()
        await shows(tab, 0, [plain("execute_result", "1", execution_count=3)])
        await shows(tab, 1, [stderr("err\n"), plain("execute_result", "2", execution_count=4)])
