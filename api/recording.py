"""What every request leaves behind: its id, a line in the log, counts and times, a span where traces are asked for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carveout.api import metrics
from carveout.api.logs import LOGGER, fault_of, in_short
from carveout.api.problems import problem_response
from carveout.api.request_ids import HEADER, current_id, id_for
from carveout.api.rights import template_of
from carveout.api.tracing import span_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "-"
_log, _faults = logging.getLogger(LOGGER), logging.getLogger(__name__)


class Recording:
    """ASGI middleware, the outermost. Of a path only the route is told, since the rest may be a name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and record it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        id = id_for(headers.get(HEADER))
        mark = current_id.set(id)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = template_of(scope["path"]) or NOWHERE
        begun, status, begun_to_answer = time.perf_counter(), 500, False

        async def sent(message: Message) -> None:
            nonlocal status, begun_to_answer
            if message["type"] == "http.response.start":
                status, begun_to_answer = message["status"], True
                message = {**message, "headers": [*message.get("headers", ()), (HEADER.encode(), id.encode())]}
            await send(message)

        try:
            with span_of(method, route, headers) as span:
                await self._answered(scope, receive, sent, lambda: begun_to_answer)
                span.end_with(status)
        finally:
            seconds = time.perf_counter() - begun
            metrics.record(method, route, status, seconds)
            told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            _log.info("request", extra={"told": told})
            current_id.reset(mark)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, begun: Callable[[], bool]) -> None:
        """Have it answered; a fault of the server is an answer too, where none was begun."""
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            _faults.info("the client went away before its request was whole")
            if not begun():  # nobody reads it; it is what the log and the counts tell
                await problem_response(400, None, "The request was not whole.")(scope, receive, send)
        except Exception as error:
            told = {"message": "fault of the server", "fault": fault_of(error)}
            _faults.error("fault of the server: %s", in_short(error), extra={"told": told})
            if begun():
                raise  # half an answer is cut off, so that nobody takes it for the whole
            await problem_response(500, "fault", "The fault was logged. No decision was made.")(scope, receive, send)
