"""The way to providers: one HTTP client, and requests on it."""

from collections.abc import AsyncIterable, Mapping

import httpx2

from grok_vision import __version__
from grok_vision.errors import ConfigurationError
from grok_vision.providers import Endpoint
from grok_vision.relay import failures
from grok_vision.relay.reply import Reply, parsed

Transport = httpx2.AsyncBaseTransport

# No answer comes near it; what does is an error page or an attack on memory.
_MOST_BYTES = 8 * 1024 * 1024
_TIMEOUTS = httpx2.Timeout(None, connect=10.0, write=60.0)


class Connection:
    """The one HTTP client to providers, opened at the first request and shared by all.

    `transport` replaces the network.
    """

    def __init__(self, transport: Transport | None) -> None:
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None

    async def get(self, endpoint: Endpoint, path: str) -> Reply:
        """Return what the path below the endpoint's address answers.

        Raises:
            ProviderError: the network failed, or the address is not valid.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        return await self._send(endpoint, "GET", path, None, {})

    async def post(
        self, endpoint: Endpoint, path: str, content: AsyncIterable[bytes], length: int
    ) -> Reply:
        """Send a JSON document of `length` bytes, and return what is answered.

        Raises:
            ProviderError: the network failed, or the address is not valid.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        headers = {"Content-Type": "application/json", "Content-Length": str(length)}
        return await self._send(endpoint, "POST", path, content, headers)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _send(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        content: AsyncIterable[bytes] | None,
        headers: Mapping[str, str],
    ) -> Reply:
        client = self._opened(endpoint)
        try:
            request = client.build_request(
                method,
                f"{endpoint.base_url}/{path}",
                content=content,
                headers={**headers, **_authorization(endpoint)},
            )
            response = await client.send(request, stream=True)
            try:
                document = parsed(await _bounded(response))
            finally:
                await response.aclose()
        except failures.HTTP_ERRORS as error:
            raise failures.from_exception(error, endpoint) from None
        return Reply(response.status_code, response.headers, document)

    def _opened(self, endpoint: Endpoint) -> httpx2.AsyncClient:
        # Opening one costs about 18 ms (the TLS context), which starting must not pay.
        if self._client is None:
            self._client = _open_client(endpoint, self._transport)
        return self._client


def _open_client(endpoint: Endpoint, transport: Transport | None) -> httpx2.AsyncClient:
    try:
        return httpx2.AsyncClient(
            transport=transport,
            timeout=_TIMEOUTS,
            follow_redirects=False,
            # A proxy of the environment would see the key of a request that stays on this machine.
            trust_env=not endpoint.on_this_machine,
            headers={"User-Agent": f"grok-vision-mcp/{__version__}"},
        )
    except (ImportError, OSError, ValueError):
        raise ConfigurationError(
            "bad_setting",
            "the HTTP client cannot be opened; check the variables HTTP_PROXY, HTTPS_PROXY, "
            "ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR of this server's environment.",
        ) from None


def _authorization(endpoint: Endpoint) -> dict[str, str]:
    if endpoint.key is None:
        return {}
    return {"Authorization": f"Bearer {endpoint.key.get_secret_value()}"}


async def _bounded(response: httpx2.Response) -> bytes:
    """Return the body, or nothing of one that is too long to be an answer."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MOST_BYTES:
            return b""
    return bytes(content)
