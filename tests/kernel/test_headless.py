"""Cells that are run over HTTP, in notebooks that somebody has open or nobody."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os

import nbformat
import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from .runs import Refused, new_runs, run_here, statuses
from .tabs import counts, listen, opened, plain, states, stdout

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"


def result(value: str, count: int) -> dict[str, object]:
    return plain("execute_result", value, execution_count=count)


async def test_a_notebook_that_nobody_has_open_is_run_and_saved(server: LabServer) -> None:
    async with run_here(server, "1+1", "print('a')", "  ") as runs:
        told = await runs.run()
        assert statuses(told) == ["ok"] * 3
        assert [each["execution_count"] for each in told] == [1, 2, None]
        assert told[0]["started_at"] <= min(told[0]["ended_at"], told[1]["started_at"])
        assert told[0]["kernel_name"] == "python3"
        await runs.saved([[result("2", 1)], [stdout("a\n")], []])
        assert [cell["execution_count"] for cell in runs.cells()] == [1, 2, None]

        # Whoever opens it later finds the outputs, and the same kernel.
        async with opened(server, runs.path) as tab:
            assert tab.kernel.kernel_id == told[0]["kernel"]
            assert tab.outputs(0) == [result("2", 1)]
            cell_id = tab.insert_cell(3, "_")
            await tab.run_cells([cell_id])
            await tab.wait_until(lambda: tab.outputs(3) == [result("2", 3)])


async def test_a_notebook_that_is_renamed_keeps_its_kernel_with_no_browser_there(server: LabServer) -> None:
    async with run_here(server, "a = 1", "a") as runs:
        (first,) = await runs.run({"index": 0})
        renamed = f"renamed-{runs.path}"
        body = {"path": renamed}
        await asyncio.to_thread(server.request, f"api/contents/{runs.path}", method="PATCH", body=body)
        runs.path = renamed
        (second,) = await runs.run({"index": 1})
        assert (second["status"], second["kernel"]) == ("ok", first["kernel"])
        sessions = json.loads(await asyncio.to_thread(server.request, "api/sessions"))
        assert [each["path"] for each in sessions if each["kernel"]["id"] == first["kernel"]] == [renamed]


async def test_who_watches_sees_outputs_count_and_state(server: LabServer) -> None:
    sources = ["import time\nprint('a', flush=True)\ntime.sleep(0.5)\nprint('b')", "2"]
    async with run_here(server, *sources) as runs, opened(server, runs.path) as tab:
        heard = listen(tab)
        seen: list[tuple[list[str], list[int | None]]] = []
        tab.room.changed.append(lambda: seen.append((states(tab), counts(tab))))
        told = await runs.run(wait_s=0)
        assert statuses(told) == ["queued", "queued"]
        await tab.wait_until(lambda: states(tab) == ["running", "running"] and tab.outputs(0) == [stdout("a\n")])
        await tab.wait_until(lambda: tab.outputs(0) == [stdout("a\nb\n")] and tab.outputs(1) == [result("2", 2)])
        await tab.wait_until(lambda: states(tab) == ["idle", "idle"] and counts(tab) == [1, 2])
        assert heard.outputs == []
        assert (["idle", "running"], [1, None]) in seen


async def test_an_error_stops_the_batch_unless_it_was_expected(server: LabServer) -> None:
    sources = ["1/0", "1", "1/0", "print(2)"]
    async with run_here(server, *sources, tags={0: ["raises-exception"]}) as runs:
        told = await runs.run()
        assert statuses(told) == ["error", "ok", "error", "aborted"]
        assert told[2]["error"] == "ZeroDivisionError"
        assert statuses(await runs.run(stop_on_error=False)) == ["error", "ok", "error", "ok"]
        assert statuses(await runs.run({"below": 2})) == ["error", "aborted"]
        async with opened(server, runs.path) as tab:  # as in JupyterLab, what was not run has no outputs any more
            assert tab.outputs(3) == []
            assert states(tab) == ["idle"] * 4


async def test_a_batch_runs_as_a_whole_or_not_at_all(server: LabServer) -> None:
    async with run_here(server, "a = 1", "a += 1", "a") as runs:
        first, second, third = (cell["id"] for cell in runs.cells())
        with pytest.raises(Refused, match=second) as refused:
            await runs.run([{"id": first, "source": "a = 1"}, {"id": second, "source": "a += 2"}])
        assert (refused.value.status, refused.value.reason) == (409, "SourceChanged")
        told = await runs.run([{"id": first, "source": "a = 1"}, {"index": 1}, {"id": third}, {"id": second}])
        assert [each["cell"] for each in told] == [first, second, third]
        await runs.saved([[], [], [result("2", 3)]])


async def test_a_cell_that_is_edited_or_deleted_before_its_turn(server: LabServer) -> None:
    async with run_here(server, "import time; time.sleep(1)", "1", "2", "3") as runs, opened(server, runs.path) as tab:
        ids = tab.cell_ids()
        told = await runs.run([{"id": ids[0]}, {"id": ids[1]}], wait_s=0)
        told += await runs.run([{"id": ids[2], "source": "2"}, {"id": ids[3]}], wait_s=0)
        told += await runs.run([{"id": ids[3]}], wait_s=0)
        tab.set_source(ids[1], "10")
        tab.set_source(ids[2], "20")
        tab.delete_cell(ids[3])
        ended = [await runs.get(each) for each in told]
        assert [(each["status"], each["error"]) for each in ended] == [
            ("ok", None),
            ("ok", None),
            ("aborted", "SourceChanged"),
            ("aborted", None),
            ("aborted", "CellGone"),
        ]
        assert tab.outputs(1) == [result("10", 2)]
        await tab.wait_until(lambda: states(tab) == ["idle"] * 3)


async def test_input_is_answered_and_secrets_are_kept_nowhere(server: LabServer) -> None:
    sources = ["name = input('name? ')\nprint(name)", "import getpass\nlen(getpass.getpass('word? '))"]
    async with run_here(server, *sources) as runs:
        first, second = await runs.run()
        assert (first["status"], second["status"]) == ("waiting-for-input", "queued")
        assert first["input"] == {"prompt": "name? ", "password": False}
        with pytest.raises(Refused, match="half a character"):  # which no kernel can take; the question stays
            await runs.ask(f"/{first['id']}/input", "POST", {"value": "\ud83d"})
        await runs.ask(f"/{first['id']}/input", "POST", {"value": "Ada"})
        second = await runs.get(second)
        assert second["input"] == {"prompt": "word? ", "password": True}
        await runs.ask(f"/{second['id']}/input", "POST", {"value": "sesame-oil"})
        assert (await runs.get(second))["status"] == "ok"
        echo = {"output_type": "stream", "name": "stdin"}
        await runs.saved(
            [
                [{**echo, "text": "name?  Ada\n"}, stdout("Ada\n")],
                [{**echo, "text": "word?  ········\n"}, result("10", 2)],
            ]
        )
        with pytest.raises(Refused, match="asks for no input") as refused:
            await runs.ask(f"/{second['id']}/input", "POST", {"value": "again"})
        assert refused.value.status == 409
        assert "sesame" not in server.log_tail(10_000)


async def test_queued_and_running_cells_are_cancelled(server: LabServer) -> None:
    async with run_here(server, "import time; time.sleep(60)", "1", "2") as runs:
        await runs.run({"index": 2})
        told = await runs.run(wait_s=0)
        await runs.has_begun(told[0])
        await runs.ask(f"/{told[1]['id']}", "DELETE")
        assert (await runs.get(told[1]))["status"] == "cancelled"
        await runs.ask(f"/{told[0]['id']}", "DELETE")
        ended = [await runs.get(each) for each in told]
        assert statuses(ended) == ["cancelled", "cancelled", "aborted"]
        assert ended[0]["error"] == "KeyboardInterrupt"

        told = await runs.run(wait_s=0) + await runs.run({"index": 2}, wait_s=0)
        await runs.has_begun(told[0])
        await runs.ask(f"?path={runs.path}", "DELETE")
        assert statuses([await runs.get(each) for each in told]) == ["cancelled"] * 4
        assert statuses(await runs.run({"index": 1})) == ["ok"]


async def test_a_cell_that_takes_too_long_is_interrupted(server: LabServer) -> None:
    async with run_here(server, "import time; time.sleep(60)", "1") as runs:
        told = await runs.run(timeout_s=0.5)
        assert statuses(told) == ["timeout", "aborted"]
        assert told[0]["error"] == "KeyboardInterrupt"
        assert statuses(await runs.run({"index": 1}, timeout_s=60)) == ["ok"]
        told = await runs.run({"index": 0}, wait_s=0)
        await runs.has_begun(told[0])
        await runs.ask(f"/{told[0]['id']}/interrupt", "POST")
        assert (await runs.get(told[0]))["error"] == "KeyboardInterrupt"


async def test_what_a_reply_asks_for_is_done(server: LabServer) -> None:
    sources = ["get_ipython().set_next_input('below')", "get_ipython().set_next_input('here', replace=True)", "len?"]
    async with run_here(server, *sources) as runs, opened(server, runs.path) as tab:
        told = await runs.run()
        await tab.wait_until(lambda: len(tab.cell_ids()) == 4)
        assert [str(cell["source"]) for cell in tab.room.cells()] == [sources[0], "below", "here", "len?"]
        assert "Return the number of items" in told[2]["pager"][0]["text/plain"]
        await tab.wait_until(lambda: len(tab.outputs(3)) == 1)
        assert tab.outputs(3)[0]["output_type"] == "display_data"


async def test_times_are_written_where_they_are_wanted(server: LabServer) -> None:
    async with run_here(server, "1") as runs, opened(server, runs.path) as tab:
        await runs.run(record_timing=True)
        await tab.wait_until(lambda: "execution" in tab.room.cells()[0]["metadata"])
        assert set(tab.room.cells()[0]["metadata"]["execution"]) == {
            "iopub.status.busy",
            "iopub.execute_input",
            "iopub.status.idle",
            "shell.execute_reply",
            "shell.execute_reply.started",
        }
        await runs.run()
        await tab.wait_until(lambda: "execution" not in tab.room.cells()[0]["metadata"])


async def test_the_kernel_is_restarted_first_if_that_is_wanted(server: LabServer) -> None:
    async with run_here(server, "a = 1", "a", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "1") as runs:
        assert statuses(await runs.run({"above": 2})) == ["ok", "ok"]
        assert [each["error"] for each in await runs.run({"index": 1}, restart=True)] == ["NameError"]
        told = await runs.run({"below": 2})
        assert statuses(told) == ["interrupted", "aborted"]
        assert told[0]["error"] == "KernelDied"
        for _ in range(100):  # until the server has started it again
            with contextlib.suppress(Refused):
                told = await runs.run({"index": 3})
                if statuses(told) == ["ok"]:
                    break
            await asyncio.sleep(0.1)
        assert statuses(told) == ["ok"]


async def test_of_two_runs_of_a_cell_the_second_one_is_seen(server: LabServer) -> None:
    async with run_here(server, "import time\nfor i in range(5): print(i, flush=True); time.sleep(0.1)") as runs:
        first, second = await asyncio.gather(runs.run(), runs.run())
        assert statuses(first + second) == ["ok", "ok"]
        await runs.saved([[stdout("0\n1\n2\n3\n4\n")]])


async def test_many_cells_wait_for_their_turn(server: LabServer) -> None:
    count = 1_000 if LONG else 60
    async with run_here(server, *(f"print({number})" for number in range(count))) as runs:
        told = await runs.run()
        while statuses(told) != ["ok"] * count:
            assert set(statuses(told)) <= {"ok", "running", "queued"}
            told = (await runs.ask(f"?run={told[0]['run']}&limit=1000&wait_s=60"))["executions"][::-1]
        assert [each["id"] for each in told] == sorted(each["id"] for each in told)
        await runs.saved([[stdout(f"{number}\n")] for number in range(count)])


async def test_what_a_widget_captures_is_in_the_widget(server: LabServer) -> None:
    sources = [
        "import ipywidgets as w\nfrom IPython.display import *\nouter, inner = w.Output(), w.Output()\nprint('cell')\n"
        "with outer:\n    print('one')\n    with inner: display('shown')\n    print('two')",
        "[[output.get('text') or output['data']['text/plain'] for output in each.outputs] for each in (outer, inner)]",
        "outer.append_stdout('three\\n')\nwith outer: print('four')",
        "outer.outputs[0]['text']",
        "with outer:\n    clear_output(wait=True)\n    1/0",
        "[output['ename'] for output in outer.outputs]",
    ]
    async with run_here(server, *sources) as runs:
        told = await runs.run()
        assert [(each["status"], each["error"]) for each in told] == [("ok", None)] * 6
        await runs.saved(
            [
                [stdout("cell\n")],
                [result("[['one\\ntwo\\n'], [\"'shown'\"]]", 2)],
                [],
                [result("'one\\ntwo\\nthree\\nfour\\n'", 4)],
                [],
                [result("['ZeroDivisionError']", 6)],
            ]
        )


async def test_a_client_that_goes_away_ends_nothing(server: LabServer) -> None:
    async with run_here(server, "import time; time.sleep(1); print('all of it')") as runs:
        body = json.dumps({"path": runs.path, "cells": "all"}).encode()
        head = f"POST /api/crdt-outputs/executions?wait_s=60 HTTP/1.1\r\nHost: {server.url.split('/')[2]}\r\n"
        head += f"Authorization: token {server.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        host, port = server.url.split("/")[2].split(":")
        _reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + body)
        await writer.drain()
        while not (told := (await runs.ask(f"?path={runs.path}"))["executions"]):  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        assert statuses([await runs.get(each) for each in told]) == ["ok"]
        await runs.saved([[stdout("all of it\n")]])


@pytest.mark.long
@pytest.mark.skipif(not LONG, reason="waits for what an interrupted cell is granted")
@pytest.mark.parametrize("on_timeout", ["restart", "shutdown"])
async def test_a_cell_that_cannot_be_interrupted_takes_its_kernel_with_it(server: LabServer, on_timeout: str) -> None:
    stubborn = "import time\nfor _ in range(600):\n    try: time.sleep(0.1)\n    except BaseException: pass"
    async with run_here(server, stubborn, "print('never')", "print('later')") as runs:
        told = await runs.run({"above": 2}, timeout_s=0.5, on_timeout=on_timeout)
        assert statuses(told) == ["timeout", "aborted"]
        (later,) = await runs.run({"index": 2})
        assert later["status"] == "ok"
        assert (later["kernel"] == told[0]["kernel"]) is (on_timeout == "restart")


@pytest.mark.long
@pytest.mark.skipif(not LONG, reason="several kernels, for which CI has no time")
async def test_kernels_of_several_languages_run_at_once(server: LabServer) -> None:
    sources = {
        "python3": "import time; time.sleep(1); print('hello')",
        "deno": "console.log('hello')",
        "xpython": "print('hello')",
        "ir": "cat('hello\\n')",
    }
    installed = json.loads(await asyncio.to_thread(server.request, "api/kernelspecs"))["kernelspecs"]
    all_runs = []
    for name in sources.keys() & installed.keys():
        runs = new_runs(server, [sources[name], "1 + 1"])
        written = nbformat.read(server.root_dir / runs.path, 4)
        written.metadata["kernelspec"] = {"name": name, "display_name": name}
        nbformat.write(written, server.root_dir / runs.path)
        all_runs.append(runs)
    for runs, told in zip(all_runs, await asyncio.gather(*(runs.run() for runs in all_runs)), strict=True):
        assert statuses(told) == ["ok", "ok"]
        assert told[0]["language"] == installed[told[0]["kernel_name"]]["spec"]["language"]
        await runs.saved_as(lambda cells: stdout("hello\n") in cells[0]["outputs"])
        assert runs.cells()[0]["outputs"] == [stdout("hello\n")]
        assert "2" in runs.cells()[1]["outputs"][0]["data"]["text/plain"]
        await runs.shut_down()
