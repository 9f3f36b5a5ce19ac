"""A server extension that tells which routes there are, and what their handlers can do."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from tornado.routing import PathMatches, RuleRouter
from tornado.web import RequestHandler

METHODS = ("get", "head", "post", "put", "patch", "delete")


class RoutesHandler(JupyterHandler):
    async def get(self) -> None:
        self.finish({"routes": list(routes(self.application.default_router))})


def routes(router: RuleRouter) -> Any:
    for rule in router.rules:
        if isinstance(rule.target, RuleRouter):
            yield from routes(rule.target)
        elif isinstance(rule.matcher, PathMatches):
            can: Any = rule.target
            implemented = [name for name in METHODS if getattr(can, name, None) is not getattr(RequestHandler, name)]
            yield [rule.matcher.regex.pattern, implemented]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    assert server.web_app is not None
    server.web_app.add_handlers(".*$", [("/test/routes", RoutesHandler)])  # type: ignore[no-untyped-call]
