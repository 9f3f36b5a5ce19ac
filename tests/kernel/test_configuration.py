"""What an administrator configured for kernels holds for recorded cells too."""

from __future__ import annotations

from pathlib import Path

from jupyter_crdt_outputs.testing.server import LabServer

from .conftest import EXTENSIONS
from .tabs import becomes, is_evicted, listen, notebook


async def test_tracebacks_that_are_not_to_be_shown_are_not_recorded(tmp_path: Path) -> None:
    config = {"MappingKernelManager": {"allow_tracebacks": False, "traceback_replacement_message": "Ask the admin."}}
    with LabServer(tmp_path, config=config) as server:
        async with notebook(server, "secret = 'hunter2'\nraise ValueError(secret)") as tab:
            heard = listen(tab)
            assert not await tab.run_all()
            await becomes(tab, lambda: bool(tab.outputs(0)))
            (error,) = tab.outputs(0)
            assert error["ename"] == "ExecutionError"
            assert error["evalue"] == "Execution error"
            assert error["traceback"] == ["Ask the admin."]
            assert heard.outputs == []


async def test_requests_that_may_not_be_sent_hold_no_room(tmp_path: Path) -> None:
    config: dict[str, dict[str, object]] = {
        "MappingKernelManager": {"allowed_message_types": ["kernel_info_request"]},
        "YDocExtension": {"document_cleanup_delay": 0},
    }
    with LabServer(tmp_path, config=config, extensions=["open_rooms"], python_path=[EXTENSIONS]) as server:
        async with notebook(server, "print('never')") as tab:
            tab.start(tab.cell_ids()[0])
            await tab.save()
            await tab.close()
            await is_evicted(tab)


async def test_an_output_beyond_the_limit_is_not_taken_and_said_to_be_so(tmp_path: Path) -> None:
    source = """
from IPython.display import display
display({"text/plain": "a page", "text/html": "x" * 3_000_000}, raw=True)
print("goes on")
"""
    with LabServer(tmp_path, config={"CrdtOutputsApp": {"output_max_bytes": 1 << 20}}) as server:
        async with notebook(server, source) as tab:
            assert await tab.run_all()
            await becomes(tab, lambda: len(tab.outputs(0)) == 2)
            refused, printed = tab.outputs(0)
            assert refused["data"].keys() == {"text/plain"}
            assert "An output of 3.0 MB was not kept: CrdtOutputsApp.output_max_bytes" in refused["data"]["text/plain"]
            assert printed["text"] == "goes on\n"
