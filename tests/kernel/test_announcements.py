"""An execution that was claimed stays so, whatever becomes of what its browser said of itself."""

from __future__ import annotations

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import are_idle, becomes, counts, listen, notebook, opened, prints, shows, stdout

SLOW = "import time\nfor i in range(30): print(i, flush=True); time.sleep(0.05)"
SLOW_TEXT = "".join(f"{i}\n" for i in range(30))


async def test_a_browser_that_falls_silent_in_mid_run_gets_nothing_twice(server: LabServer) -> None:
    """As a hidden tab does, whose timers are throttled until others take it for gone."""
    async with notebook(server, SLOW, "print('next')") as tab, opened(server, tab.path) as other:
        heard = listen(tab)
        first, second = tab.cell_ids()
        tab.start(first)
        await becomes(tab, prints(tab, 0, "2\n"))
        tab.room.awareness.set_local_state_field("crdtOutputs", None)
        await shows(tab, 0, [stdout(SLOW_TEXT)])
        await shows(other, 0, [stdout(SLOW_TEXT)])
        assert heard.outputs == []
        assert await tab.run_cells([second])
        await shows(other, 1, [stdout("next\n")])
        assert [message.type for message in heard.outputs] == ["stream"]  # its own business from now on


async def test_a_browser_whose_room_is_gone_but_not_its_kernel_leaves_the_cell_to_the_server(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab, opened(server, tab.path) as other:
        heard = listen(tab)
        tab.start(tab.cell_ids()[0])
        await becomes(other, prints(other, 0, "2\n"))
        await tab.room.close()
        await shows(other, 0, [stdout(SLOW_TEXT)])
        assert heard.outputs == []
        await tab.kernel.close()
        await becomes(other, lambda: are_idle(other) and counts(other) == [1])


async def test_a_browser_may_announce_another_ones_kernel_client_and_gain_nothing(server: LabServer) -> None:
    async with notebook(server, "print('mine')") as tab, notebook(server, "print('other')") as stranger:
        stranger.room.awareness.set_local_state_field("crdtOutputs", {"kernelClient": tab.kernel.client_id})
        await stranger.save()
        await tab.run_all()
        await becomes(tab, lambda: bool(tab.outputs(0)))
        assert tab.outputs(0) == [stdout("mine\n")]
        assert stranger.outputs(0) == []
