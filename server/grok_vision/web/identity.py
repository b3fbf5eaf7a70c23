"""Who calls: the answer is known before anything of a request is read or done."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from mcp.server.auth.handlers.metadata import ProtectedResourceMetadataHandler
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import TokenVerifier
from mcp.server.auth.routes import build_resource_metadata_url
from mcp.shared.auth import ProtectedResourceMetadata
from mcp.types import INTERNAL_ERROR
from pydantic import AnyHttpUrl
from starlette.authentication import AuthenticationError
from starlette.datastructures import MutableHeaders
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings, is_this_machine
from grok_vision.web.refusals import refusal
from grok_vision.web.tokens import FirstKnown, StaticTokens


@dataclass(frozen=True, slots=True)
class Identity:
    """How clients prove who they are, and the routes that tell them how."""

    verifier: TokenVerifier
    scopes: tuple[str, ...] = ()
    metadata_url: AnyHttpUrl | None = None
    routes: tuple[Route, ...] = ()

    @property
    def open_paths(self) -> frozenset[str]:
        """The paths of the routes: what is told there is needed to get a token."""
        return frozenset(route.path for route in self.routes)


def identity(settings: Settings, public_url: str) -> Identity | None:
    """Return how clients of the server at `public_url` prove who they are, None if they need not.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    static = StaticTokens(settings.auth_token, settings.oauth_scopes)
    if settings.oauth_issuer is None:
        _check_nothing_is_left_over(settings)
        return Identity(static) if settings.auth_token else None
    if not (settings.oauth_issuer.startswith("https:") or is_this_machine(settings.oauth_issuer)):
        raise _bad("oauth_issuer", "must begin with https:, since keys are read there")
    # The library for JSON Web Tokens takes long to import.
    from grok_vision.web.issuer import Issuer
    from grok_vision.web.oauth import IssuedTokens

    issuer, audience = Issuer(settings.oauth_issuer), settings.oauth_audience or public_url
    metadata_url = build_resource_metadata_url(AnyHttpUrl(public_url))
    return Identity(
        # A static token first: it is known without the network.
        FirstKnown(static, IssuedTokens(issuer, audience)),
        settings.oauth_scopes,
        metadata_url,
        (_metadata_route(settings, public_url, metadata_url),),
    )


class Identified:
    """ASGI middleware that lets pass who proves who they are; `open_paths` are for everybody."""

    def __init__(self, app: ASGIApp, who: Identity, *, open_paths: Collection[str] = ()) -> None:
        self._app = app
        self._open_paths = who.open_paths.union(open_paths)
        # Tools and stored states of the SDK ask the context who calls.
        known = _Required(AuthContextMiddleware(app), list(who.scopes), who.metadata_url)
        self._guarded = AuthenticationMiddleware(known, _OneToken(who.verifier), _not_judged)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        is_open = scope["type"] == "lifespan" or scope["path"] in self._open_paths
        await (self._app if is_open else self._guarded)(scope, receive, send)


class _OneToken(BearerAuthBackend):
    """The SDK's, for requests with one token: of two, a proxy may have judged the other."""

    async def authenticate(self, conn: HTTPConnection):  # type: ignore[no-untyped-def] # the SDK names no type
        if len(conn.headers.getlist("authorization")) > 1:
            raise AuthenticationError("Send one Authorization header.")
        return await super().authenticate(conn)


class _Required(RequireAuthMiddleware):
    """The SDK's, which also tells the scopes that a token needs, as MCP 2025-11-25 asks."""

    async def _send_auth_error(
        self, send: Send, status_code: int, error: str, description: str
    ) -> None:
        async def with_scopes(message: Message) -> None:
            if message["type"] == "http.response.start" and self.required_scopes:
                headers = MutableHeaders(raw=message["headers"])
                told = headers["www-authenticate"]
                headers["www-authenticate"] = f'{told}, scope="{" ".join(self.required_scopes)}"'
            await send(message)

        await super()._send_auth_error(with_scopes, status_code, error, description)


def _not_judged(_: HTTPConnection, error: Exception) -> Response:
    """Answer a request whose token could not be judged: the issuer is away, or there are two."""
    wait = getattr(error, "retry_after", None)
    if wait is None:
        return refusal(400, str(error))
    return refusal(503, str(error), code=INTERNAL_ERROR, headers={"Retry-After": str(wait)})


def _metadata_route(settings: Settings, public_url: str, metadata_url: AnyHttpUrl) -> Route:
    """Return RFC 9728's document. The SDK's own route for it allows web pages of every origin."""
    metadata = ProtectedResourceMetadata.model_validate(
        {
            "resource": public_url,
            "authorization_servers": [settings.oauth_issuer],
            "scopes_supported": settings.oauth_scopes or None,
            "resource_name": "Grok Vision",
        }
    )
    handler = ProtectedResourceMetadataHandler(metadata)
    return Route(urlsplit(str(metadata_url)).path, handler.handle, methods=["GET"])


def _check_nothing_is_left_over(settings: Settings) -> None:
    for name in ("oauth_audience", "oauth_scopes"):
        if getattr(settings, name):
            raise _bad(name, "needs GROK_VISION_OAUTH_ISSUER, the authorization server")


def _bad(name: str, problem: str) -> ConfigurationError:
    return ConfigurationError("bad_setting", f"{Settings.variable(name)} {problem}.")
