"""What an authorization server publishes: its metadata, and the keys that they lead to.

Metadata are found by RFC 8414 or OpenID Connect Discovery, in the order of MCP 2025-11-25. Answers
are bounded in bytes, redirects are not followed, and no token of a client is ever sent.
"""

from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx2
from pydantic import BaseModel, HttpUrl, JsonValue, ValidationError

from grok_vision import __version__
from grok_vision.settings import is_this_machine
from grok_vision.web.keys import PublicKey, public_keys

_MOST_BYTES = 256 * 1024
_HTTP_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)
# A client cannot be opened where the proxies or certificates of the environment are not valid.
_FAILURES = (*_HTTP_ERRORS, OSError, ImportError, ValueError)
_TIMEOUT = 5.0

_Kind = TypeVar("_Kind", bound=BaseModel)


class DiscoveryError(Exception):
    """The authorization server gave no answer, or none of use."""


class _Metadata(BaseModel):
    issuer: str
    jwks_uri: HttpUrl


class _KeySet(BaseModel):
    keys: list[JsonValue]


async def published_keys(issuer: str) -> tuple[PublicKey, ...]:
    """Return the keys with which `issuer` signs, an address without a slash at its end.

    Raises:
        DiscoveryError: they cannot be read, or there is none that can be used.
    """
    try:
        async with _client(issuer) as client:
            metadata = await _discovered(client, issuer)
            document = await _read(_KeySet, client, str(metadata.jwks_uri))
    except _FAILURES as error:
        raise DiscoveryError(type(error).__name__) from error
    keys = public_keys(document.keys, metadata.issuer)
    if not keys:
        raise DiscoveryError("none of them is for signatures that are known here")
    return keys


def _client(issuer: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=not is_this_machine(issuer),
        headers={
            "User-Agent": f"grok-vision-mcp/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # what is packed could unfold beyond every bound
        },
    )


async def _discovered(client: httpx2.AsyncClient, issuer: str) -> _Metadata:
    """Return the first metadata that are there and are this issuer's."""
    problems = []
    for url in _addresses(issuer):
        try:
            metadata = await _read(_Metadata, client, url)
            _check(metadata, issuer)
        except DiscoveryError as error:
            problems.append(str(error))
        else:
            return metadata
    raise DiscoveryError(", ".join(problems))


def _addresses(issuer: str) -> Iterator[str]:
    parts = urlsplit(issuer)
    for kind in ("oauth-authorization-server", "openid-configuration"):
        yield urlunsplit(parts._replace(path=f"/.well-known/{kind}{parts.path}"))
    if parts.path:
        yield f"{issuer}/.well-known/openid-configuration"


def _check(metadata: _Metadata, issuer: str) -> None:
    # One spelling for each issuer is the rule (RFC 8414, section 3.3), but for a last slash.
    if metadata.issuer.removesuffix("/") != issuer:
        raise DiscoveryError("the metadata are another issuer's")
    keys = metadata.jwks_uri
    is_local = is_this_machine(str(keys)) and is_this_machine(issuer)
    if not (keys.scheme == "https" or is_local) or keys.username or keys.password:
        raise DiscoveryError("the metadata place the keys at no https address")


async def _read(kind: type[_Kind], client: httpx2.AsyncClient, url: str) -> _Kind:
    try:
        return kind.model_validate_json(await _body(client, url))
    except ValidationError:
        raise DiscoveryError(f"{urlsplit(url).path} holds something else") from None


async def _body(client: httpx2.AsyncClient, url: str) -> bytes:
    """Return what is there, as long as it is not too much."""
    path = urlsplit(url).path
    async with client.stream("GET", url) as response:
        if response.status_code != httpx2.codes.OK:
            raise DiscoveryError(f"{path} answers {response.status_code}")
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise DiscoveryError(f"{path} is compressed")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise DiscoveryError(f"{path} is larger than {_MOST_BYTES} bytes")
    return bytes(body)
