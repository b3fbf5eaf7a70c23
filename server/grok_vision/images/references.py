"""What a drawing may refer to: its own parts, and pictures that are given whole within it."""

import binascii
import re
from urllib.parse import unquote

from grok_vision.errors import ImageError
from grok_vision.images.boundary import decoder_boundary
from grok_vision.images.formats import sniff
from grok_vision.images.picture import Picture
from grok_vision.images.rasters import open_raster

_DATA = re.compile(
    r"\s*data:image/(?:png|jpe?g|gif|webp)(?:;[\w=-]{1,99})*;\s*base64\s*,", re.IGNORECASE
)
_EMBEDDED = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
# All of them may be in memory at once, at 4 bytes a pixel.
_EMBEDDED_PIXELS = 25_000_000

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORT = re.compile(r"@import[^;]*;?", re.IGNORECASE)
_URL = re.compile(r"url\(([^)]*)(?:\)|\Z)", re.IGNORECASE)
_AROUND_URL = " \t\r\n\f\"'"


class References:
    """Keeps the references of one drawing that lead nowhere outside, and drops all others."""

    def __init__(self) -> None:
        self._pixels_left = _EMBEDDED_PIXELS

    def kept(self, reference: str) -> str | None:
        """Return the reference to a part of the drawing or to a picture within it, else None.

        Raises:
            ImageError: `too_many_pixels` where the pictures within it are too large.
        """
        if reference.strip().startswith("#"):
            return reference.strip()
        head = _DATA.match(reference)
        return self._embedded(reference[head.end() :]) if head else None

    def _embedded(self, encoded: str) -> str | None:
        try:
            data = _decoded(encoded)
            picture = self._opened(data)
        except ValueError:
            return None
        except ImageError as error:
            if error.code == "too_many_pixels":
                raise error.about("a picture within the drawing") from None
            return None  # one that is damaged is not drawn, as in a browser
        self._pixels_left -= picture.width * picture.height
        # Written anew: what was checked is what will be read.
        clean = binascii.b2a_base64(data, newline=False).decode()
        return f"data:image/{_EMBEDDED[picture.format]};base64,{clean}"

    def _opened(self, data: bytes) -> Picture:
        name = sniff(data)
        if name not in _EMBEDDED:
            raise ImageError("unsupported_format", f"{name} is not drawn within a drawing.")
        with decoder_boundary(name):
            return open_raster(name, data, max_pixels=self._pixels_left, page=None, seconds=None)


def _decoded(encoded: str) -> bytes:
    """Return the bytes as a browser reads them: escapes, white space and no padding are fine."""
    letters = "".join(unquote(encoded).split()).rstrip("=")
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)


def harmless_style(css: str) -> str:
    """Return style rules in which nothing refers to another place than the drawing itself."""
    # Comments and escapes could hide what is looked for next.
    css = _COMMENT.sub(" ", css).replace("\\", "")
    return _URL.sub(_kept_url, _IMPORT.sub("", css))


def _kept_url(found: re.Match[str]) -> str:
    return found[0] if found[1].strip(_AROUND_URL).startswith("#") else "none"
