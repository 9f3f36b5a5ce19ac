"""What an ipywidgets ``Output`` captures is the browser's, and comes into no cell."""

from __future__ import annotations

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import Heard, listen, notebook, opened, shows, stdout

WIDGETS = "import ipywidgets as widgets\nfrom IPython.display import display\n"


def captured(tab: LabClient) -> dict[str, str]:
    """The text that each Output took, by comm."""
    return {
        comm_id: "".join(message.content.get("text", "") for message in messages)
        for comm_id, messages in tab.kernel.captured.items()
    }


def texts(heard: Heard) -> str:
    return "".join(message.content["text"] for message in heard.of("stream"))


async def test_captured_output_reaches_the_browser_and_not_the_cell(server: LabServer) -> None:
    source = WIDGETS + "out = widgets.Output()\nprint('before')\nwith out: print('captured')\nprint('after')"
    async with notebook(server, source) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("before\nafter\n")])
        assert list(captured(tab).values()) == ["captured\n"]
        assert texts(heard) == "captured\n"


async def test_an_output_captures_whichever_cell_writes_into_it(server: LabServer) -> None:
    other = "with out: print('second')\nprint('mine')"
    async with notebook(server, WIDGETS + "out = widgets.Output()\nwith out: print('first')", other) as tab:
        assert await tab.run_all()
        await shows(tab, 0, [])
        await shows(tab, 1, [stdout("mine\n")])
        assert list(captured(tab).values()) == ["first\nsecond\n"]


async def test_a_nested_capture_gives_back_to_the_outer_one(server: LabServer) -> None:
    source = WIDGETS + (
        "outer, inner = widgets.Output(), widgets.Output()\n"
        "print('cell')\n"
        "with outer:\n"
        "    print('outer 1')\n"
        "    with inner: print('inner')\n"
        "    print('outer 2')\n"
        "print('cell again')"
    )
    async with notebook(server, source) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("cell\ncell again\n")])
        assert texts(heard) == "outer 1\ninner\nouter 2\n"


async def test_a_passive_browser_gets_what_is_captured_too_as_it_shows_the_same_widget(server: LabServer) -> None:
    source = WIDGETS + "out = widgets.Output()\nwith out: print('captured')\nprint('cell')"
    async with notebook(server, source) as tab, opened(server, tab.path) as passive:
        heard = listen(passive)
        assert await tab.run_all()
        await shows(passive, 0, [stdout("cell\n")])
        assert texts(heard) == "captured\n"


async def test_a_widget_that_is_shown_stays_in_the_document_and_its_comms_pass(server: LabServer) -> None:
    source = WIDGETS + "slider = widgets.IntSlider(value=3)\ndisplay(slider)"
    async with notebook(server, source, "print(slider.value)") as tab:
        heard = listen(tab)
        assert await tab.run_cells(tab.cell_ids()[:1])
        comm_id = next(
            message.content["comm_id"]
            for message in heard.of("comm_open")
            if message.content["data"]["state"]["_model_name"] == "IntSliderModel"
        )
        await shows(
            tab,
            0,
            [
                {
                    "output_type": "display_data",
                    "data": {
                        "text/plain": "IntSlider(value=3)",
                        "application/vnd.jupyter.widget-view+json": {
                            "version_major": 2.0,
                            "version_minor": 0.0,
                            "model_id": comm_id,
                        },
                    },
                    "metadata": {},
                }
            ],
        )
        tab.kernel.send_comm(comm_id, {"method": "update", "state": {"value": 7}, "buffer_paths": []})
        assert await tab.run_cells(tab.cell_ids()[1:])
        await shows(tab, 1, [stdout("7\n")])


async def test_what_a_widget_prints_when_it_is_touched_goes_where_stock_jupyterlab_puts_it(server: LabServer) -> None:
    """That is nowhere: the request is a comm message, which belongs to no cell. It passes, and harms nothing."""
    source = WIDGETS + "button = widgets.Button()\nbutton.on_click(lambda _: print('clicked'))\nprint('cell')"
    async with notebook(server, source, "print('next')") as tab:
        heard = listen(tab)
        assert await tab.run_cells(tab.cell_ids()[:1])
        comm_id = next(
            message.content["comm_id"]
            for message in heard.of("comm_open")
            if message.content["data"]["state"]["_model_name"] == "ButtonModel"
        )
        tab.kernel.send_comm(comm_id, {"method": "custom", "content": {"event": "click"}})
        assert await tab.run_cells(tab.cell_ids()[1:])
        await shows(tab, 1, [stdout("next\n")])
        await shows(tab, 0, [stdout("cell\n")])
        assert texts(heard) == "clicked\n"
