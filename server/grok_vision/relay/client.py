"""Carries a request to the endpoint and brings back a completion or one coded error."""

import json
import re
from typing import Any

import anyio
import httpx2

from grok_vision import __version__
from grok_vision.chat import ChatRequest
from grok_vision.errors import ConfigurationError, RequestError, VisionError
from grok_vision.providers import Endpoint
from grok_vision.relay import catalogue, error_bodies, failures
from grok_vision.relay.body import Body, encode
from grok_vision.relay.completion import Completion, read
from grok_vision.results import ListedModel

# No answer comes near it; what does is an error page or an attack on memory.
_MOST_BYTES = 8 * 1024 * 1024
# Not found, or not for GET: what a path answers that is not there.
_ABSENT = frozenset({404, 405, 501})
# OpenAI's and Groq's begin with `req_`, OpenRouter's with `gen-`; others are UUIDs.
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMEOUTS = httpx2.Timeout(None, connect=10.0, write=60.0)


Transport = httpx2.AsyncBaseTransport


class Relay:
    """The one HTTP client to providers, opened at the first call and shared by all.

    At most `concurrency` requests are in flight; more wait in order. `transport` replaces the
    network: the embedded engine's, or a stand-in's in tests.
    """

    def __init__(self, *, concurrency: int, transport: Transport | None = None) -> None:
        self._slots = anyio.Semaphore(concurrency)
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None

    async def complete(self, endpoint: Endpoint, request: ChatRequest) -> Completion:
        """Send the request and return the completion.

        Raises:
            ProviderError: for every way in which the provider or the network can fail.
            RequestError: `request_too_large` before anything is sent, `context_exceeded` after.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        body = encode(request)
        _check_size(body, endpoint)
        async with self._slots:
            try:
                return await self._exchange(endpoint, request.model, body)
            except failures.HTTP_ERRORS as error:
                raise failures.from_exception(error, endpoint) from None

    async def catalogue(
        self, endpoint: Endpoint, *, complete: bool = False
    ) -> tuple[ListedModel, ...] | None:
        """Return the models that the endpoint lists, or None where it has no list of them.

        It costs nothing. One list is asked for, the first that is there; with `complete` all that
        the provider has, since each may tell what the others leave out.

        Raises:
            ProviderError: the endpoint cannot be reached or does not take the key.
        """
        found: tuple[ListedModel, ...] | None = None
        paths = endpoint.provider.catalogues
        for path in paths:
            listed = await self._listed(endpoint, path, is_last=path == paths[-1])
            if listed is not None:
                found = listed if found is None else catalogue.merged(found, listed)
            if found is not None and not complete:
                break
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _http(self, endpoint: Endpoint) -> httpx2.AsyncClient:
        # Opening one costs about 18 ms (the TLS context), which starting must not pay.
        if self._client is None:
            self._client = _open_client(endpoint, self._transport)
        return self._client

    async def _exchange(self, endpoint: Endpoint, model: str, body: Body) -> Completion:
        headers = {"Content-Type": "application/json", "Content-Length": str(body.length)}
        request = self._http(endpoint).build_request(
            "POST",
            f"{endpoint.base_url}/chat/completions",
            content=body.stream(),
            headers=headers | _authorization(endpoint),
        )
        response, document = await self._send(request, endpoint)
        completion = read(document) if response.is_success else None
        if completion is not None:
            return completion
        raise _failure(response, document, endpoint, model)

    async def _listed(
        self, endpoint: Endpoint, path: str, *, is_last: bool
    ) -> tuple[ListedModel, ...] | None:
        try:
            request = self._http(endpoint).build_request(
                "GET", f"{endpoint.base_url}/{path}", headers=_authorization(endpoint)
            )
            response, document = await self._send(request, endpoint)
        except failures.HTTP_ERRORS as error:
            raise failures.from_exception(error, endpoint) from None
        if response.is_success and not error_bodies.is_error(document):
            # Some relays answer unknown paths with their web page, so does a wrong address.
            if isinstance(document, dict | list) or not is_last:
                return catalogue.read(document)
        elif response.status_code in _ABSENT:
            return None
        raise _failure(response, document, endpoint, endpoint.default_model)

    async def _send(
        self, request: httpx2.Request, endpoint: Endpoint
    ) -> tuple[httpx2.Response, Any]:
        """Return the response, read within bounds, and its JSON document or text."""
        response = await self._http(endpoint).send(request, stream=True)
        try:
            return response, _parsed(await _bounded(response, endpoint))
        finally:
            await response.aclose()


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


def _check_size(body: Body, endpoint: Endpoint) -> None:
    most = endpoint.provider.max_body_bytes
    if most is not None and body.length > most:
        raise RequestError(
            "request_too_large",
            f"the request would have {body.length:,} bytes and {endpoint.provider.title} takes "
            f"{most:,}; send fewer or smaller pictures.",
        )


async def _bounded(response: httpx2.Response, endpoint: Endpoint) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise failures.not_a_completion(endpoint)
    return bytes(content)


def _parsed(content: bytes) -> Any:
    """Return the JSON document, or the text where it is none."""
    try:
        # Not pydantic's parser: it refuses a lone surrogate, and the answer was paid for.
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")


def _failure(
    response: httpx2.Response, document: Any, endpoint: Endpoint, model: str
) -> VisionError:
    said = error_bodies.error_text(document)
    if response.is_success and not error_bodies.is_error(document):
        return failures.not_a_completion(endpoint)
    refusal = failures.Refusal(
        status=error_bodies.error_status(document, response.status_code),
        said=said,
        request_id=_request_id(response, endpoint),
        retry_after=response.headers.get("retry-after", ""),
    )
    return failures.from_refusal(refusal, endpoint, model)


def _request_id(response: httpx2.Response, endpoint: Endpoint) -> str:
    """Return the first id of the call among the headers that the provider names it by.

    It is printed, and a header may hold anything: what does not look like an id is passed over,
    and so is the key.
    """
    key = endpoint.key.get_secret_value() if endpoint.key else None
    sent = (response.headers.get(name, "") for name in endpoint.provider.request_id_headers)
    ids = (found for found in sent if _REQUEST_ID.fullmatch(found))
    return next((found for found in ids if key is None or key not in found), "")
