"""How messages name what a caller wrote: never by what may be secret, nor by a picture's bytes."""

import re

from grok_vision.images.data_uri import is_data_uri
from grok_vision.images.network import MAX_URL_CHARS
from grok_vision.images.spelling import bare
from grok_vision.texts import shortened

# The start of a URL within other text, however many slashes http has.
_URL_START = re.compile(r"https?:[\\/]*|[A-Za-z][A-Za-z0-9+.-]{0,31}://", re.IGNORECASE)
# A colon that no port follows begins a password, which may hold what would else end it.
_PASSWORD = re.compile(r":(?![0-9]*(?:[/?#]|$))")
_BASE64_ALPHABET = re.compile(r"[A-Za-z0-9+/=_\s-]+", re.ASCII)
# The first bytes of PNG, JPEG, GIF and WebP.
_BASE64_PICTURES = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR")
_SHORTEST_BASE64 = 65


def label_of(written: str) -> str:
    """Return how messages name a source: a URL without user, password, query and fragment."""
    text = bare(written)
    if is_data_uri(text):
        return "data URI"
    if len(text) > MAX_URL_CHARS or is_bare_picture(text):
        return "the text given"
    return shortened(_without_secrets(written, text))


def _without_secrets(written: str, text: str) -> str:
    start = _URL_START.search(text)
    if start is None:
        return written
    rest = text[start.end() :]
    if other := _URL_START.search(rest):
        rest = rest[: other.start()]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        rest = rest[authority.rindex("@") + 1 :]
    elif "@" in rest and (colon := _PASSWORD.search(rest)) and colon.start() < len(authority):
        rest = rest[rest.rindex("@") + 1 :]
    return text[: start.end()] + re.split("[?#]", rest, maxsplit=1)[0]


def is_base64(text: str) -> bool:
    """Tell whether the text has none but the characters of base64, and white space."""
    return _BASE64_ALPHABET.fullmatch(text) is not None


def is_bare_picture(text: str) -> bool:
    """Tell whether the text looks like the base64 of a picture; a path is perhaps called so."""
    begins = text.startswith(_BASE64_PICTURES)
    return begins and len(text) >= _SHORTEST_BASE64 and is_base64(text)
