"""The HTTP server, put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import httpx2
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from grok_vision.app import create_server
from grok_vision.settings import Settings
from grok_vision.vision_server import VisionServer
from grok_vision.web.access import AccessLog
from grok_vision.web.binding import Binding, bind
from grok_vision.web.bodies import Bodies
from grok_vision.web.callers import as_caller
from grok_vision.web.ending import Ending
from grok_vision.web.health import health_routes
from grok_vision.web.holding import Held
from grok_vision.web.hosts import HostCheck
from grok_vision.web.identity import Identified, Identity, identity
from grok_vision.web.metrics import Metrics
from grok_vision.web.serving import serve as serve_app
from grok_vision.web.uploads import PATH as UPLOADS_PATH
from grok_vision.web.uploads import upload_route

Kind = Literal["http", "sse"]

MCP_PATH, SSE_PATH, MESSAGES_PATH = "/mcp", "/sse", "/messages/"
_PATHS = {"http": MCP_PATH, "sse": SSE_PATH}
# They tell one word, to balancers and supervisors that know no token and no name of ours.
_OPEN = frozenset({"/health", "/ready"})


async def serve(
    settings: Settings, kind: Kind, *, host: str, port: int, told: Callable[[Sequence[str]], None]
) -> None:
    """Serve until the process is told to end; `told` takes the lines for who started it.

    Raises:
        ConfigurationError: `bad_setting`, it must not or cannot be served so.
    """
    binding = bind(settings, host, port)
    ending = Ending()
    app = build_app(settings, binding, kind, ending=ending)
    lines = _announcement(settings, binding, kind)
    await serve_app(app, binding, settings, ending=ending, ready=lambda: told(lines))


def build_app(
    settings: Settings,
    binding: Binding,
    kind: Kind,
    *,
    ending: Ending | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> ASGIApp:
    """Return the ASGI application; `transport` replaces the network on the way to the provider.

    `ending` is told by whoever ends it.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    server = create_server(settings, transport=transport, desktop=False)
    metrics = Metrics(server.state.books, model=settings.model)
    ending = ending or Ending()
    # Inside of the metrics, which see what it answers.
    server.middleware.extend([metrics, ending, as_caller])
    who = identity(settings, binding.address + _PATHS[kind])
    app: ASGIApp = _router(settings, server, metrics, ending, binding, kind, who)
    for_all = _OPEN | (who.open_paths if who else frozenset())
    app = Bodies(
        app,
        max_bytes=settings.max_body_bytes,
        # A picture that is uploaded is bounded where it is read.
        open_paths=for_all | {UPLOADS_PATH},
        # The answers go over the stream, each in its time.
        kept_on=kind == "sse",
        # Of a stream that is idle, the SDK holds three: itself, the first message and the last.
        most_requests=4 * settings.max_connections,
    )
    if settings.rate_limit is not None:
        from grok_vision.web.rate import RateLimit

        app = RateLimit(app, settings.rate_limit, open_paths=for_all, shared=server.state.shared)
    if who is not None:
        app = Identified(app, who, open_paths=_OPEN)
    return AccessLog(HostCheck(app, binding, open_paths=_OPEN))


def _router(
    settings: Settings,
    server: VisionServer,
    metrics: Metrics,
    ending: Ending,
    binding: Binding,
    kind: Kind,
    who: Identity | None,
) -> Starlette:
    protocol = _protocol(settings, server, binding, kind)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # SSE enters the server for each connection: what they share is open between them, too.
        async with (
            server.opened(),
            server.in_flight.listening(),
            protocol.router.lifespan_context(protocol),
        ):
            yield

    return Starlette(
        routes=[
            *health_routes(server.opened, is_ending=lambda: ending.begun),
            metrics.route(),
            upload_route(settings, server.opened, binding.address),
            *(who.routes if who else ()),
            Mount("/", Held(protocol, path=MCP_PATH)),
        ],
        lifespan=lifespan,
    )


def _protocol(settings: Settings, server: VisionServer, binding: Binding, kind: Kind) -> Starlette:
    # HostCheck has looked at every request before; this is for the SDK's own defaults.
    security = TransportSecuritySettings(
        allowed_hosts=list(binding.names), allowed_origins=list(binding.origins)
    )
    if kind == "sse":
        return server.sse_app(
            sse_path=SSE_PATH,
            message_path=MESSAGES_PATH,
            max_request_body_size=settings.max_body_bytes,
            transport_security=security,
        )
    return server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        # Progress and the end of a call whose client has left need a stream for the answer.
        json_response=False,
        stateless_http=True,
        max_request_body_size=settings.max_body_bytes,
        transport_security=security,
    )


def _announcement(settings: Settings, binding: Binding, kind: Kind) -> list[str]:
    where = f"http://{binding.shown}{_PATHS[kind]}"
    lines = [f"Serving MCP at {where} until Ctrl-C."]
    if settings.public_host:
        lines.append(
            f"Clients reach it at {binding.address}{_PATHS[kind]}, through a proxy with TLS that "
            "leads there: without one, tokens can be read on their way."
        )
    if not settings.auth_token and settings.oauth_issuer is None:
        lines.append(
            "There is no token, so every program of this machine can call: see --generate-token "
            "and GROK_VISION_AUTH_TOKEN."
        )
    if kind == "sse":
        lines.append("The protocol has deprecated SSE; use --transport http where the host can.")
    lines += [
        f"{root} is no folder, so nothing in it can be read: correct it."
        for root in settings.roots or ()
        if not root.is_dir()
    ]
    if settings.roots is None:
        lines.append(
            "No folder may be read; name some after `serve`, or set GROK_VISION_ROOTS. URLs work."
        )
    return lines
