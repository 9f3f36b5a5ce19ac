"""What all our handlers share: who may ask, and how an error reads."""

from __future__ import annotations

import json
from asyncio import Future
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.client import responses
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import CrdtOutputsError, InvalidRequest

AUTH_RESOURCE = "crdt-outputs"
"""The resource that an ``Authorizer`` of the server is asked about."""

Method = TypeVar("Method", bound=Callable[..., Awaitable[None]])


def allowed_to(action: str, resource: str = AUTH_RESOURCE) -> Callable[[Method], Method]:
    """Let a handler's method run only for a user who is known and may do *action* with a resource (403 else).

    Action and resource are spelled out because the bare ``authorized`` keeps those of the first request it sees.
    """

    def decorate(method: Method) -> Method:
        return cast("Method", web.authenticated(authorized(action, resource=resource)(method)))

    return decorate


@contextmanager
def http_errors() -> Iterator[None]:
    """Answer with its own ``http_status`` to any error of this package raised inside."""
    try:
        yield
    except CrdtOutputsError as error:
        raise web.HTTPError(error.http_status) from error


class CrdtOutputsHandler(APIHandler):
    """A handler that speaks JSON, and whose errors are ``{"message": str, "reason": str}`` and are never cached.

    ``message`` is for people; ``reason`` is for programs, the name of one of our error classes or a phrase of HTTP.
    """

    auth_resource = AUTH_RESOURCE

    def body(self) -> Any:
        """The JSON that was sent, ``{}`` if nothing was. Raises InvalidRequest."""
        try:
            return json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise InvalidRequest(f"the body is not JSON: {error}") from error

    def flag(self, name: str) -> bool:
        """Whether the query switches this on."""
        return self.get_query_argument(name, "0") not in ("", "0")

    async def tell(self, answer: Any, status: int = 200) -> None:
        """Finish with JSON that no cache keeps, all in ASCII: names of files need not be text."""
        await self.tell_now(answer, status)

    def tell_now(self, answer: Any, status: int = 200) -> Future[None]:
        """The same, for who cannot wait until it is on its way."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        return self.finish(json.dumps(answer))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Finish with the error as JSON."""
        error = kwargs.get("exc_info", (None, None))[1]
        reason = responses.get(status_code, "Unknown")
        message = reason
        if isinstance(error, web.HTTPError):
            reason = error.reason or reason
            message = error.log_message or reason
            if isinstance(error.__cause__, CrdtOutputsError):
                cause = error.__cause__
                reason, message = type(cause).__name__, cause.public
                if message != str(cause):
                    self.log.warning("%s", cause)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"message": message, "reason": reason}))
