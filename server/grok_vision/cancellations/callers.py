"""Who calls, as the token of the request tells."""

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import principal_components
from starlette.types import Scope

Principal = tuple[str, str | None, str | None]
"""Whose token it is: the client, who issued it, and its subject."""


def principal(scope: Scope) -> Principal | None:
    """Return who is authenticated; None where clients need no token."""
    user = scope.get("user")
    return principal_components(user.access_token) if isinstance(user, AuthenticatedUser) else None
