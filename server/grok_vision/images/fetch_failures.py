"""Words for everything that can go wrong between us and a picture's host.

No message holds a path, a query, a header or the body: any of them may be a secret.
"""

import http
import ssl

import httpx2

from grok_vision.errors import SourceError

HTTPX_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)
"""The roots of httpx2's exceptions; a test walks them and proves that none is missing."""

# Fetches use no proxy: it would look the host up anew, and dial what was never judged.
_UNREACHED = (
    "behind a proxy, which fetches never use, download the file and pass its path, or set "
    "GROK_VISION_URL_MODE=pass to have the provider fetch it."
)

# The first that fits is taken, so the narrow ones stand before the wide ones.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (
        httpx2.ConnectTimeout,
        f"the host {{host}} does not accept a connection in time; try again; {_UNREACHED}",
    ),
    (httpx2.TimeoutException, "the host {host} stopped answering; try again."),
    (
        httpx2.ConnectError,
        f"no connection to the host {{host}}; check that it is up; {_UNREACHED}",
    ),
    (httpx2.ProtocolError, "the host {host} does not speak HTTP properly; check scheme and port."),
    (httpx2.NetworkError, "the connection to the host {host} broke off; try again."),
    (httpx2.InvalidURL, "the URL cannot be requested from the host {host}; check it."),
    (OSError, "the connection to the host {host} broke off; try again."),
    (Exception, "the request to the host {host} failed; download the file and pass its path."),
)


def fetch_failed(message: str) -> SourceError:
    """Makes the error for a URL that was asked and gave no bytes."""
    return SourceError("fetch_failed", message)


def not_found(host: str) -> SourceError:
    """Makes the error for a name that the lookup does not know."""
    return fetch_failed(
        f"the host {host} could not be found; check the URL; where a proxy alone knows the names "
        "of the web, download the file and pass its path."
    )


def compressed(host: str) -> SourceError:
    """Makes the error for a body in a coding that was not asked for."""
    return fetch_failed(
        f"the host {host} sends it compressed although asked not to; "
        "download the file and pass its path."
    )


def too_large(host: str, max_bytes: int) -> SourceError:
    """Makes the error for a body beyond the bound."""
    return SourceError(
        "too_large",
        f"the host {host} offers more than {_size(max_bytes)}; "
        "use a smaller picture, or raise GROK_VISION_MAX_IMAGE_BYTES.",
    )


def unexpected_status(status: int, host: str) -> SourceError:
    """Makes the error for a status that does not carry a picture."""
    if status in {401, 403}:
        advice = "it wants a login or refuses programs; download the file and pass its path"
    elif status in {404, 410}:
        advice = "check the URL"
    elif status == 429 or status >= 500:
        advice = "try again later, or download the file and pass its path"
    else:
        advice = "give the URL of the picture itself, or download the file and pass its path"
    return fetch_failed(f"the host {host} answered {_phrase(status)}; {advice}.")


def explain(error: Exception, host: str) -> SourceError:
    """Turns a failure of httpx2 or of the socket into ours."""
    if (reason := _certificate_fault(error)) is not None:
        # OpenSSL ends some of its words with a full stop.
        told = reason.rstrip(".")
        return fetch_failed(f"the certificate of the host {host} is not accepted: {told}.")
    words = next(words for kind, words in _WORDS if isinstance(error, kind))
    return fetch_failed(words.format(host=host))


def _certificate_fault(error: BaseException | None) -> str | None:
    """Finds OpenSSL's own word on a certificate among the causes of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


def _phrase(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _size(number: int) -> str:
    mebibytes = number / 1024**2
    return f"{mebibytes:g} MiB" if mebibytes >= 1 else f"{number} bytes"
