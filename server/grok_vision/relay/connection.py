"""The way to providers: one HTTP client, and requests on it."""

from collections.abc import AsyncIterable, Mapping

import anyio
import httpx2

from grok_vision import __version__
from grok_vision.errors import ConfigurationError
from grok_vision.providers import Endpoint
from grok_vision.relay import network_failures
from grok_vision.relay.reading import Heard, Reading
from grok_vision.relay.reply import Broken, Reply
from grok_vision.relay.retry import FailedError
from grok_vision.relay.time_left import time_left
from grok_vision.watch import NOBODY, Watch

Transport = httpx2.AsyncBaseTransport

# Silence before the first word may be a model that thinks: only the time of the call bounds it.
_TIMEOUTS = httpx2.Timeout(None, connect=5.0, write=30.0)
# Calls in flight are bounded before they come here.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=30.0)


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
        try:
            return await self._send(endpoint, "GET", path, None, {}, NOBODY, _unheard)
        except FailedError as failed:
            raise failed.error from None

    async def post(
        self,
        endpoint: Endpoint,
        path: str,
        content: AsyncIterable[bytes],
        length: int,
        watch: Watch,
        heard: Heard,
    ) -> Reply:
        """Send a JSON document of `length` bytes, and return what is answered.

        `watch` is told of a stream's words while they come, `heard` of the headers. Of a stream
        that breaks off, or that the time of the call ends, what came is returned.

        Raises:
            FailedError: the network failed, the address is not valid, or nothing came in time.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        headers = {"Content-Type": "application/json", "Content-Length": str(length)}
        return await self._send(endpoint, "POST", path, content, headers, watch, heard)

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
        watch: Watch,
        heard: Heard,
    ) -> Reply:
        client = self._opened(endpoint)
        reading = Reading(watch, heard)
        broken: Broken = ""
        scope = anyio.move_on_after(time_left())
        try:
            with scope:
                request = client.build_request(
                    method,
                    f"{endpoint.base_url}/{path}",
                    content=content,
                    headers={**headers, **_authorization(endpoint)},
                )
                await reading.run(client, request)
        except network_failures.HTTP_ERRORS as error:
            if not reading.is_answer:
                raise network_failures.failed(error, endpoint) from None
            broken = "connection"
        if scope.cancelled_caught:
            if not (reading.is_answer or reading.is_document):
                raise network_failures.too_late(endpoint)
            broken = "deadline"
        return reading.reply(broken)

    def _opened(self, endpoint: Endpoint) -> httpx2.AsyncClient:
        # Opening one costs about 18 ms (the TLS context), which starting must not pay.
        if self._client is None:
            self._client = _open_client(endpoint, self._transport)
        return self._client


def _unheard(_: httpx2.Headers) -> None:
    pass


def _open_client(endpoint: Endpoint, transport: Transport | None) -> httpx2.AsyncClient:
    try:
        return httpx2.AsyncClient(
            transport=transport,
            timeout=_TIMEOUTS,
            limits=_LIMITS,
            follow_redirects=False,
            # A proxy of the environment would see the key of a request that stays on this machine.
            trust_env=not endpoint.on_this_machine,
            headers={
                "User-Agent": f"grok-vision-mcp/{__version__}",
                # An answer is small; what is packed could unfold far beyond it.
                "Accept-Encoding": "identity",
            },
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
