"""An authorizer that refuses what a request's header lists, so that one server shows every case."""

from __future__ import annotations

from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import JupyterHandler


class Refusing(Authorizer):
    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        return f"{action}:{resource}" not in handler.request.headers.get("X-Test-Refused", "").split()
