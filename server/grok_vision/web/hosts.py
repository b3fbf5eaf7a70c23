"""Which names a request may use: the answer to pages that call servers of this machine.

A page of a stranger can make a browser send requests here, and can give its own name our address
(DNS rebinding). The browser then tells on it: by the Host header, which holds that name, and by the
Origin header, which names the page. No answer ever carries CORS headers.
"""

from collections.abc import Collection

from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from grok_vision.web.binding import Binding
from grok_vision.web.refusals import refusal

_TOLD = {
    421: "This server does not go by the name that the request uses: call it as it was announced, "
    "or add the name to GROK_VISION_PUBLIC_HOST.",
    403: "This page may not call this server; add its origin to GROK_VISION_ALLOWED_ORIGINS where "
    "it should, and let it call by fetch.",
}
_CHECKED = (b"host", b"origin")
# Another port of this machine is the same site.
_OTHER_PAGES = frozenset({"cross-site", "same-site"})


class HostCheck:
    """ASGI middleware that lets requests pass which name this server and come from no foreign page.

    The check is the SDK's, with exact names. Its own defaults allow every port, and by a comparison
    of beginnings also `localhost:evil.com` (mcp 2.3.0). Names are compared in small letters, and
    passed on so. Behind a proxy it is the Host header that counts: X-Forwarded-Host, which anyone
    can send, is not looked at.
    """

    def __init__(self, app: ASGIApp, binding: Binding, open_paths: Collection[str] = ()) -> None:
        self._app = app
        self._open_paths = open_paths
        self._check = TransportSecurityMiddleware(
            TransportSecuritySettings(
                allowed_hosts=list(binding.names), allowed_origins=list(binding.origins)
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        headers = [
            (name, value.lower() if name in _CHECKED else value) for name, value in scope["headers"]
        ]
        asked = {**scope, "headers": headers}
        refused = await self._verdict(Request(asked))
        if refused is None:
            await self._app(asked, receive, send)
        else:
            status = refused.status_code
            await refusal(status, _TOLD[status])(scope, receive, send)

    async def _verdict(self, request: Request) -> Response | None:
        # Of several, each reader may take another: with one there is nothing to choose.
        for name, status in (("host", 421), ("origin", 403)):
            if len(request.headers.getlist(name)) > 1:
                return Response(status_code=status)
        # A page's picture or link that leads here has no Origin, but browsers tell on it, too.
        is_of_page = request.headers.get("sec-fetch-site") in _OTHER_PAGES
        if is_of_page and "origin" not in request.headers:
            return Response(status_code=403)
        return await self._check.validate_request(request)
