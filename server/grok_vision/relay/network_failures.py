"""httpx2's exceptions, mapped once: to our codes, and to whether another attempt may help."""

import socket
import ssl
from collections.abc import Iterator

import httpx2

from grok_vision.errors import ProviderCode, ProviderError
from grok_vision.providers import Endpoint
from grok_vision.relay.retry import FailedError, Hint

HTTP_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)
# The other end closed or reset the connection, or broke the rules of HTTP.
_PASSING = (httpx2.NetworkError, httpx2.RemoteProtocolError)
_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_NO_TLS = (
    "{place} does not answer in TLS; check whether GROK_VISION_BASE_URL should begin with http:, "
    "and its port."
)
_CERTIFICATE = (
    "the certificate of {place} cannot be trusted, so nothing was sent; check "
    "GROK_VISION_BASE_URL, this machine's clock, or SSL_CERT_FILE where a proxy signs for it."
)
_NO_SUCH_HOST = "no machine is called {host}; check GROK_VISION_BASE_URL, or the network."
_NOT_LISTENING = (
    "{title}: nothing listens at {host}; start the server there, or check GROK_VISION_BASE_URL."
)
_NO_WAY = "{title} cannot be reached at {host}; check the network, or GROK_VISION_BASE_URL."
_PROXY = (
    "the proxy on the way to {place} does not let the request through; check HTTPS_PROXY and its "
    "user and password."
)
_INVALID = "the address of {title} is not valid; check GROK_VISION_BASE_URL."
_LATE = "{place} did not answer in time; try again."
_GARBLED = (
    "{place} answered with something that is not a chat completion; check GROK_VISION_BASE_URL."
)
_BROKE_OFF = "the connection to {place} broke off; try again."
_NO_HTTP = (
    "the connection to {place} broke off; try again, or check whether GROK_VISION_BASE_URL should "
    "begin with https:."
)


def failed(error: Exception, endpoint: Endpoint) -> FailedError:
    """Return the failed attempt for an exception of httpx2."""
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return _failed(endpoint, _NO_WAY, again=True)
    if isinstance(error, httpx2.TimeoutException):
        return _failed(endpoint, _LATE, again=True, code="timeout")
    if isinstance(error, httpx2.ConnectError):
        return _unconnected(error, endpoint)
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return _failed(endpoint, _INVALID, again=False)
    if isinstance(error, httpx2.ProxyError):
        return _failed(endpoint, _PROXY, again=False)
    if isinstance(error, httpx2.DecodingError | httpx2.SSEError):
        return _failed(endpoint, _GARBLED, again=False)
    is_odd = isinstance(error, httpx2.RemoteProtocolError) and endpoint.on_this_machine
    told = _NO_HTTP if is_odd and endpoint.base_url.startswith("http:") else _BROKE_OFF
    return _failed(endpoint, told, again=isinstance(error, _PASSING))


def _unconnected(error: Exception, endpoint: Endpoint) -> FailedError:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return _failed(endpoint, _CERTIFICATE, again=False)
    if any(_is_lasting_tls(cause) for cause in causes):
        return _failed(endpoint, _NO_TLS, again=False)
    if any(isinstance(cause, socket.gaierror) and cause.errno in _UNKNOWN for cause in causes):
        return _failed(endpoint, _NO_SUCH_HOST, again=False)
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
    if refused and endpoint.on_this_machine:
        return _failed(endpoint, _NOT_LISTENING, again=False)
    return _failed(endpoint, _NO_WAY, again=True)


def _is_lasting_tls(cause: BaseException) -> bool:
    """Tell whether the two ends cannot agree, where a connection that ended may be another."""
    ended = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, ended)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _failed(
    endpoint: Endpoint, told: str, *, again: bool, code: ProviderCode = "unavailable"
) -> FailedError:
    title, host = endpoint.provider.title, endpoint.host
    message = told.format(title=title, host=host, place=f"{title} at {host}")
    return FailedError(ProviderError(code, message), Hint(again))


def too_late(endpoint: Endpoint) -> FailedError:
    """Return the failed attempt that took all the time of the call."""
    told = (
        "{place} did not answer within the time of the call; try fewer or smaller pictures or a "
        "faster model, or raise GROK_VISION_DEADLINE."
    )
    return _failed(endpoint, told, again=False, code="timeout")
