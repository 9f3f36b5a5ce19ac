"""Running cells over HTTP: ``api/crdt-outputs/executions``, in the shapes of :mod:`..model.executions`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jupyter_server.utils import url_path_join

from ..errors import NotFound, NotNow
from ..kernel.headless.runner import Runner
from ..kernel.records import Ledger, LiveRecord
from ..model.executions import ExecutionRecord, RunRequest
from ..model.given import long_text, number
from ..store.history import Query
from .handler import CrdtOutputsHandler, Method, allowed_to, http_errors
from .visible_history import VisibleHistory

_LONGEST_WAIT_S = 60.0
_LONGEST_ANSWER = 1 << 20
_MOST_LISTED = 1_000

_FILTERS = ("path", "file_id", "cell", "run", "kernel", "status", "before")


def _allowed_to_run(method: Method) -> Method:
    """403 unless the user may run cells here, and could do the same in JupyterLab."""
    return allowed_to("execute")(allowed_to("execute", "kernels")(allowed_to("write", "contents")(method)))


def handlers(
    runner: Runner,
    ledger: Ledger,
    history: VisibleHistory,
    file_id_of: Callable[[str], str | None],
    base_url: str,
) -> list[tuple[str, type[CrdtOutputsHandler], Any]]:
    """The routes that run cells and tell of executions, as ``add_handlers`` of tornado takes them.

    Args:
        runner: runs cells.
        ledger: the executions of this server.
        history: those of former times, and of other servers on the same store.
        file_id_of: gives the id of a notebook's file.
        base_url: what the routes are below.
    """
    parts = {"runner": runner, "ledger": ledger, "history": history, "file_id_of": file_id_of}
    root = url_path_join(base_url, "api/crdt-outputs/executions")
    return [
        (root + "/?", ExecutionsHandler, parts),
        (root + r"/([^/]+)", ExecutionHandler, parts),
        (root + r"/([^/]+)/interrupt", InterruptHandler, parts),
        (root + r"/([^/]+)/input", InputHandler, parts),
    ]


class _Handler(CrdtOutputsHandler):
    def initialize(
        self, runner: Runner, ledger: Ledger, history: VisibleHistory, file_id_of: Callable[[str], str | None]
    ) -> None:
        """Take what the route was registered with."""
        self._runner = runner
        self._ledger = ledger
        self._history = history
        self._file_id_of = file_id_of

    def find(self, execution_id: str) -> LiveRecord:
        """The execution of this id that goes on or has just ended. Raises NotFound."""
        live = self._ledger.get(execution_id)
        if live is None:
            raise NotFound(f"there is no execution {execution_id!r:.80}")
        return live

    @staticmethod
    def _is_ours(live: LiveRecord) -> bool:
        return live.record.via == "endpoint"

    async def wait_for(self, lives: Sequence[LiveRecord], then: Callable[[], object] = lambda: None) -> None:
        """Wait until all have ended or one asks for input, for ``wait_s`` at most; a client that goes ends nothing.

        *then* is done at once: when a cell has ended, the server has enough else to do before it returns to a handler.
        """
        wait_s = number(self.get_query_argument("wait_s", "0"), "wait_s", 0, _LONGEST_WAIT_S)
        await self._ledger.wait(lives, wait_s, then)


class ExecutionsHandler(_Handler):
    """All executions."""

    @_allowed_to_run
    async def post(self) -> None:
        """Queue cells: 202 with their executions, or 200 when all had ended before ``wait_s`` was over."""

        def answer() -> None:
            told = {"run": lives[0].record.run if lives else None, "executions": list(map(to_json, lives))}
            self.tell_now(told, 200 if all(live.is_ended for live in lives) else 202)

        with http_errors():
            lives = await self._runner.run(RunRequest.parse(self.body()), self.current_user.username)
            await self.wait_for(lives, answer)

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """Executions, newest first; waits for those of this server that match and go on."""
        with http_errors():
            query = self._query()
            limit = int(number(self.get_query_argument("limit", "100"), "limit", 1, _MOST_LISTED))
            await self.wait_for([live for live in self._ledger.live if query.matches(live.record)])
            is_unfinished = self.flag("unfinished")  # then it goes on here
            lives = self._ledger.live if is_unfinished else self._ledger.recent
            found = {live.record.id: to_json(live) for live in lives if query.matches(live.record)}
            if not is_unfinished and (query.run is None or not found):  # a run is of one server, and of one life of it
                records = await self._history.find(query, limit, self.contents_manager)
                found = {record.id: of_history(record) for record in records} | found
        await self.tell({"executions": [found[key] for key in sorted(found, reverse=True)[:limit]]})

    @_allowed_to_run
    async def delete(self) -> None:
        """Cancel all that match and go on: 202 with them."""
        with http_errors():
            query = self._query()
            lives = [live for live in self._ledger.live if query.matches(live.record) and self._is_ours(live)]
            await self._runner.cancel(lives)
        await self.tell({"executions": list(map(to_json, lives))}, 202)

    def _query(self) -> Query:
        given: dict[str, Any] = {
            name: self.get_query_argument(name) for name in _FILTERS if name in self.request.arguments
        }
        path = given.get("path")
        if path is not None:
            given["path"] = path = path.strip("/")
            given.setdefault("file_id", self._file_id_of(path) or "")
        return Query(**given)


class ExecutionHandler(_Handler):
    """One execution."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, execution_id: str) -> None:
        """How it stands; with ``wait_s``, once it has ended or asks for input."""
        with http_errors():
            live = self._ledger.get(execution_id)
            if live is None:
                await self.tell(of_history(await self._history.get(execution_id, self.contents_manager)))
                return
            await self.wait_for([live], lambda: self.tell_now(to_json(live)))

    @_allowed_to_run
    async def delete(self, execution_id: str) -> None:
        """Cancel it: 202. If it runs, its kernel is interrupted."""
        with http_errors():
            live = self.find(execution_id)
            if not self._is_ours(live):
                raise NotNow("a browser runs this; it can be interrupted, not cancelled")
            await self._runner.cancel([live])
        await self.tell(to_json(live), 202)


class InterruptHandler(_Handler):
    """Ends what a kernel does at the moment."""

    @_allowed_to_run
    async def post(self, execution_id: str) -> None:
        """Interrupt the kernel while it runs this: 202."""
        with http_errors():
            live = self.find(execution_id)
            await self._runner.interrupt(live)
        await self.tell(to_json(live), 202)


class InputHandler(_Handler):
    """Answers ``input()``."""

    @_allowed_to_run
    async def post(self, execution_id: str) -> None:
        """Give the kernel ``{"value": …}``: 202. The answer to a prompt for a secret is kept nowhere."""
        with http_errors():
            live = self.find(execution_id)
            body = self.body()
            value = body.get("value") if isinstance(body, dict) else None
            self._runner.answer(live, long_text(value, "value", _LONGEST_ANSWER))
        await self.tell(to_json(live), 202)


def of_history(record: ExecutionRecord) -> dict[str, Any]:
    """The same for one that is no longer known but by its record."""
    return record.to_json() | {"message": None, "input": None, "pager": []}


def to_json(live: LiveRecord) -> dict[str, Any]:
    """The record, and what is known of an execution for as long as it goes on or has just ended."""
    prompt = live.prompt
    return live.record.to_json() | {
        "message": live.message,
        "input": None if prompt is None else {"prompt": prompt[0], "password": prompt[1]},
        "pager": live.pager,
    }
