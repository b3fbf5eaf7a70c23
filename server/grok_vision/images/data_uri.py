"""A picture given whole, as a data URI (RFC 2397)."""

import binascii
import re
from urllib.parse import unquote

from grok_vision.errors import SourceError
from grok_vision.images.limits import too_many_bytes

_HEAD = re.compile(
    r"data:([\w.+-]{1,64}/[\w.+-]{1,64})?((?:;[^,;]*)*);base64,", re.ASCII | re.IGNORECASE
)
_LONGEST_HEAD = 256
# Characters of a byte, each percent-encoded.
_MOST_CHARS = 4
_URL_SAFE = str.maketrans("-_", "+/")


def is_data_uri(text: str) -> bool:
    """Tell whether the text is meant as a data URI."""
    return text[:5].lower() == "data:"


def parse_data_uri(uri: str, *, max_bytes: int) -> tuple[str, bytes, str]:
    """Return the media type as written, the bytes, and the fragment behind them.

    Raises:
        SourceError: `bad_source` where it is not sound base64, `too_large` over `max_bytes`.
    """
    comma = uri.find(",", 0, _LONGEST_HEAD)
    head = _HEAD.fullmatch(uri[: comma + 1])
    if head is None:
        raise SourceError(
            "bad_source", "the data URI is not base64; write data:image/png;base64,… ."
        )
    encoded, _, fragment = uri[comma + 1 :].partition("#")
    if len(encoded) > max_bytes * _MOST_CHARS + _LONGEST_HEAD:
        raise too_many_bytes(len(encoded) * 3 // 4, max_bytes)
    data = _decoded(encoded)
    if len(data) > max_bytes:
        raise too_many_bytes(len(data), max_bytes)
    return head[1] or "text/plain", data, fragment


def _decoded(encoded: str) -> bytes:
    try:
        return binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        pass
    try:
        # Lines, percent-encoding, the alphabet of URLs and absent padding are common.
        plain = "".join(unquote(encoded).split()).translate(_URL_SAFE).rstrip("=")
        return binascii.a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True)
    except ValueError:
        raise SourceError(
            "bad_source", "the base64 of the data URI cannot be decoded; encode the file again."
        ) from None
