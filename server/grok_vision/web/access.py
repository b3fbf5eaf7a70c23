"""The access log: a line for each request, without queries, headers and bodies."""

import logging
import time
from collections.abc import Mapping

from mcp.server.auth.middleware.auth_context import get_access_token
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.texts import shortened

_log = logging.getLogger("grok_vision.access")

# Asked every few seconds by whoever watches: of use are only refusals.
_SILENT = frozenset({"/health"})
_SILENT_WHERE_WELL = frozenset({"/ready"})
_FAILED = 500
# nginx's, of a client that left before it was answered.
_LEFT = 499


class AccessLog:
    """Logs each request when it has ended, at INFO to `grok_vision.access`.

    The fields are in the line, and as keys of their own where lines are JSON.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in _SILENT or not _log.isEnabledFor(20):
            await self._app(scope, receive, send)
            return
        sent = _Sent(send)
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, sent)
        except BaseException as error:
            sent.status = sent.status or (_FAILED if isinstance(error, Exception) else _LEFT)
            raise
        finally:
            _tell(scope, sent, time.perf_counter() - begun)


class _Sent:
    """What was sent of an answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.bytes = 0
        self.client: str | None = None

    async def __call__(self, message: Message) -> None:
        """Send a part of it."""
        await self._send(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Known here only: the context is that of whoever answers.
            token = get_access_token()
            self.client = shortened(token.client_id) if token else None
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))


def _tell(scope: Scope, sent: _Sent, seconds: float) -> None:
    if scope["path"] in _SILENT_WHERE_WELL and sent.status < 400:
        return
    fields = {
        "method": shortened(scope["method"]),
        "path": _path(scope),
        "status": sent.status or _LEFT,
        "ms": round(seconds * 1000),
        "bytes": sent.bytes,
        "client": sent.client,
    }
    _log.info(
        "%s %s %d, %d ms, %d bytes, client %s",
        *(value if value is not None else "-" for value in fields.values()),
        extra={name: value for name, value in fields.items() if value is not None},
    )


def _path(scope: Mapping[str, object]) -> str:
    """Return the path as it was asked for: escaped, so that it is on one line."""
    raw = scope.get("raw_path")
    told = raw.decode("latin-1") if isinstance(raw, bytes) else str(scope["path"])
    return shortened(told.partition("?")[0])
