"""A server on the loopback behind our checks: every path of it tells who asks."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import principal_components
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from grok_vision.settings import Settings
from grok_vision.web.identity import Identified, Identity, identity
from tests.authorization_server import PUBLIC_URL
from tests.peers import serving

# Ready at once: the certificates of the world take 20 ms to read.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def who_asks(_: Request) -> JSONResponse:
    caller = get_access_token()
    told = None if caller is None else {"who": principal_components(caller), **caller.model_dump()}
    return JSONResponse(told)


WHO_ASKS: ASGIApp = Starlette(routes=[Route("/{path:path}", who_asks, methods=["GET", "POST"])])


def behind(
    who: Identity, app: ASGIApp = WHO_ASKS, open_paths: tuple[str, ...] = ("/health",)
) -> ASGIApp:
    """Return the application as only identified clients reach it."""
    return Identified(
        Starlette(routes=[*who.routes, Mount("/", app)], lifespan=_lifespan(app)),
        who,
        open_paths=open_paths,
    )


def _lifespan(app: Any) -> Any:
    return (lambda _: app.router.lifespan_context(app)) if isinstance(app, Starlette) else None


def known_by(**settings: Any) -> Identity:
    found = identity(Settings(**settings), PUBLIC_URL)
    assert found is not None
    return found


@asynccontextmanager
async def calling(app: ASGIApp, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve it, and give a client of it."""
    async with (
        serving(app) as host,
        httpx2.AsyncClient(
            base_url=f"http://{host}", trust_env=False, verify=_NO_TLS, **options
        ) as client,
    ):
        yield client


def bearing(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}
