"""What a server finds stale, in notebooks that are open and run, and the running of it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from .runs import Refused, Runs, run_here, statuses
from .tabs import opened


async def freshness(runs: Runs, **query: str) -> dict[str, Any]:
    asked = "&".join(f"{name}={quote(value)}" for name, value in (query or {"path": runs.path}).items())
    found: dict[str, Any] = await runs.ask(f"?{asked}", of="freshness")
    return found


async def marks(runs: Runs) -> str:
    return "".join((each["stale"] or ".")[0] for each in (await freshness(runs))["cells"])


async def becomes(runs: Runs, expected: str) -> None:
    """Wait until the server knows of an edit."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while await marks(runs) != expected:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)
    assert await marks(runs) == expected


def names(runs: Runs, told: list[dict[str, Any]]) -> list[int]:
    """Which cells were run, by their places."""
    ids = [cell["id"] for cell in runs.cells()]
    return [ids.index(each["cell"]) for each in told]


async def test_what_was_edited_is_stale_with_what_reads_from_it_until_both_are_run(server: LabServer) -> None:
    async with run_here(server, "x = 1", "print(x)", "2") as runs, opened(server, runs.path) as tab:
        assert await marks(runs) == "..."
        told = await runs.run()
        found = await freshness(runs)
        assert found["analysis"] == "names"
        assert [each["execution"] for each in found["cells"]] == told
        assert await freshness(runs, room=found["room"]) == found
        brief = await freshness(runs, path=runs.path, known=told[1]["ended_at"])
        assert [each["execution"] for each in brief["cells"]] == [{"id": each["id"]} for each in told[:2]] + told[2:]
        assert await runs.run("stale") == []
        text = tab.room.cells()[0]["source"]
        text += "0"
        await becomes(runs, "eu.")
        first, second, _ = (await freshness(runs))["cells"]
        assert (first["because"], second["because"]) == ([], [first["cell"]])
        assert names(runs, await runs.run("stale")) == [0, 1]
        assert await marks(runs) == "..."
        await tab.run_cells([first["cell"]])
        await becomes(runs, ".u.")


async def test_what_is_queued_or_runs_is_not_stale_and_is_run_once(server: LabServer) -> None:
    async with run_here(server, "x = 1", "import time\ntime.sleep(x)") as runs, opened(server, runs.path) as tab:
        await runs.run()
        text = tab.room.cells()[0]["source"]
        text += " * 1"
        await becomes(runs, "eu")
        await runs.shut_down()  # a kernel takes long to start, and all have asked by then
        told = await asyncio.gather(*(runs.run("stale", wait_s=0) for _ in range(3)))
        assert sorted(map(len, told)) == [0, 0, 2]
        assert await marks(runs) == ".."
        assert await runs.run("stale") == []
        (ran,) = (each for each in told if each)
        assert statuses([await runs.get(each) for each in ran]) == ["ok", "ok"]
        assert await marks(runs) == ".."


async def test_a_cell_that_ran_with_parameters_was_not_edited(server: LabServer) -> None:
    async with run_here(server, "x = 1", "print(x)", tags={0: ["parameters"]}) as runs:
        told = await runs.run(append={"to": {"tag": "parameters"}, "code": "x = 5"})
        assert told[0]["cell_sha256"] != told[0]["source_sha256"]
        assert told[1]["cell_sha256"] is None
        assert await marks(runs) == ".."


async def test_a_new_kernel_is_first_given_what_stale_cells_read(server: LabServer) -> None:
    async with run_here(server, "x = 1", "y = 1", "print(x, y)", "print(3)") as runs, opened(server, runs.path) as tab:
        await runs.run()
        text = tab.room.cells()[2]["source"]
        text += "  # again"
        await becomes(runs, "..e.")
        told = await runs.run("stale", restart=True)
        assert names(runs, told) == [0, 1, 2]
        assert statuses(told) == ["ok"] * 3
        text += "!"
        await becomes(runs, "..e.")
        assert names(runs, await runs.run("stale")) == [2]
        await runs.shut_down()
        text += "!"
        await becomes(runs, "..e.")
        assert names(runs, await runs.run("stale")) == [0, 1, 2]


async def test_what_cells_need_that_a_kernel_has_not_run_is_told_of_each(server: LabServer) -> None:
    async with run_here(server, "x = 1", "y = x", "print(y)", "print(3)") as runs:
        first, second, _, fourth = (each["cell"] for each in await runs.run())
        (kernel,) = {each["execution"]["kernel"] for each in (await freshness(runs))["cells"]}

        async def needs(kernel: str) -> list[list[str]]:
            return [each["needs"] for each in (await freshness(runs, path=runs.path, kernel=kernel))["cells"]]

        assert all("needs" not in each for each in (await freshness(runs))["cells"])
        assert await needs(kernel) == [[], [], [], []]
        assert await needs("") == await needs("another") == [[], [first], [second], []]
        await asyncio.to_thread(server.request, f"api/kernels/{kernel}/restart", method="POST")
        assert await needs(kernel) == [[], [first], [second], []]
        await runs.run([{"id": first}, {"id": fourth}])
        assert await needs(kernel) == [[], [], [second], []]


async def test_of_two_runs_with_one_count_the_one_that_was_put_back_is_told(server: LabServer) -> None:
    async with run_here(server, "import uuid\nprint(uuid.uuid4())") as runs:
        ran = [(await runs.run(restart=bool(number)))[0] for number in range(2)]
        assert [each["execution_count"] for each in ran] == [1, 1]

        async def told() -> str:
            (cell,) = (await freshness(runs))["cells"]
            found: str = cell["execution"]["id"]
            return found

        assert await told() == ran[1]["id"]
        for each in ran:
            await runs.ask("/restore", "POST", {"execution": each["id"]}, of="previous")
            assert await told() == each["id"]


async def test_a_kernel_that_somebody_has_restarted_is_noticed(server: LabServer) -> None:
    async with run_here(server, "x = 1", "print(x)") as runs, opened(server, runs.path) as tab:
        (kernel, *_) = {each["kernel"] for each in await runs.run()}
        await asyncio.to_thread(server.request, f"api/kernels/{kernel}/restart", method="POST")
        text = tab.room.cells()[1]["source"]
        text += "  # again"
        await becomes(runs, ".e")
        told = await runs.run("stale")
        assert (names(runs, told), statuses(told)) == ([0, 1], ["ok", "ok"])


async def test_nothing_is_started_for_nothing(server: LabServer) -> None:
    async with run_here(server, "x = 1") as runs:
        assert await runs.run("stale") == []
        assert runs.path not in str(await asyncio.to_thread(server.request, "api/sessions"))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"path": "nothing.ipynb"}, 404),
        ({"room": "json:notebook:nothing"}, 404),
        ({"path": "a\0b"}, 404),
        ({"path": ""}, 400),
        ({"path": "a" * 2000}, 400),
        ({"path": "a", "kernel": "a" * 2000}, 400),
        ({"path": "a", "room": "b"}, 400),
        ({"file": "a"}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(server: LabServer, query: dict[str, str], status: int) -> None:
    with pytest.raises(Refused) as refused:
        await freshness(Runs(server, "none"), **query)
    assert refused.value.status == status
