"""Printed text."""

from __future__ import annotations

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, is_stored, listen, notebook, opened, plain, saves, shows, stderr, stdout


async def test_stdout_and_stderr_stay_in_the_order_in_which_they_were_printed(server: LabServer) -> None:
    source = """
import sys
for word in ("one", "two"):
    print(word, flush=True)
    print(word, file=sys.stderr, flush=True)
print("three")
"""
    async with notebook(server, source) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        expected = [stdout("one\n"), stderr("one\n"), stdout("two\n"), stderr("two\n"), stdout("three\n")]
        await shows(tab, 0, expected)
        assert heard.outputs == []


async def test_many_prints_become_one_output(server: LabServer) -> None:
    async with notebook(server, "for i in range(300): print(i, flush=True)") as tab:
        assert await tab.run_all()
        await shows(tab, 0, [stdout("".join(f"{i}\n" for i in range(300)))])


async def test_carriage_returns_overwrite_the_last_line(server: LabServer) -> None:
    source = """
import time
print("start")
for i in range(12):
    print(f"\\rstep {i:2}" + "." * (12 - i), end="", flush=True)
    time.sleep(0.02)
print()
print("end")
"""
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await shows(tab, 0, [stdout(f"start\nstep 11{'.' * 12}\nend\n")])


async def test_backspaces_take_characters_back(server: LabServer) -> None:
    source = "print('|', end='', flush=True)\nfor c in '/-x': print('\\b' + c, end='', flush=True)"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await shows(tab, 0, [stdout("x")])


async def test_a_thread_may_print_after_its_cell_is_idle(server: LabServer) -> None:
    source = """
import threading, time
from pathlib import Path
def work():
    while not Path("go").exists(): time.sleep(0.01)
    for i in range(3): print("late", i, flush=True)
threading.Thread(target=work).start()
print("main")
"""
    async with notebook(server, source) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("main\n")])
        (server.root_dir / "go").touch()
        await shows(tab, 0, [stdout("main\nlate 0\nlate 1\nlate 2\n")])
        assert heard.outputs == []


async def test_two_hundred_executions_back_to_back_are_all_recorded_in_order(server: LabServer) -> None:
    async with notebook(server, *["1+1"] * 200) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        for index in (0, 57, 199):
            await shows(tab, index, [plain("execute_result", "2", execution_count=index + 1)])
        await becomes(tab, lambda: all(tab.outputs(index) for index in range(200)))
        assert [tab.outputs(index)[0]["execution_count"] for index in range(200)] == list(range(1, 201))
        assert tab.states() == [("idle", index + 1) for index in range(200)]
        assert heard.outputs == []


async def test_a_printed_megabyte_reaches_nobodys_kernel_websocket_and_is_whole_in_the_file(server: LabServer) -> None:
    line = "0123456789abcdef" * 8
    source = f"for i in range(8): print(('{line}' + chr(10)) * 1000, end='', flush=True)"
    async with notebook(server, source) as tab, opened(server, tab.path) as passive:
        tab.kernel.wire.traffic.reset()
        passive.kernel.wire.traffic.reset()
        assert await tab.run_all()
        await saves(tab, [[stdout((line + "\n") * 8000)]])
        await becomes(passive, lambda: is_stored(passive.outputs(0)))
        assert passive.kernel.wire.traffic.received_bytes <= 4096
        assert tab.kernel.wire.traffic.received_bytes <= 8192
        assert passive.doc_bytes() < 20_000
