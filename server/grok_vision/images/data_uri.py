"""A picture given whole, as a data URI (RFC 2397)."""

import binascii
import re

from grok_vision.errors import SourceError
from grok_vision.images.limits import too_many_bytes

_HEAD = re.compile(
    r"data:([\w.+-]{1,64}/[\w.+-]{1,64})?((?:;[^,;]*)*);base64,", re.ASCII | re.IGNORECASE
)
_LONGEST_HEAD = 256


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
    size = len(encoded) * 3 // 4
    if size > max_bytes + 2:
        raise too_many_bytes(size, max_bytes)
    return head[1] or "text/plain", _decoded(encoded), fragment


def _decoded(encoded: str) -> bytes:
    try:
        return binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        pass
    try:
        # Lines are not strict, and common.
        return binascii.a2b_base64("".join(encoded.split()), strict_mode=True)
    except ValueError:
        raise SourceError(
            "bad_source", "the base64 of the data URI cannot be decoded; encode the file again."
        ) from None
