"""Opens the picture in a data URI."""

import base64
import binascii
import re
from io import BytesIO

from PIL import Image, ImageOps

from grok_vision.local.wire import BadRequest

_DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = 100_000_000


def open_picture(url: str, number: int) -> Image.Image:
    """Decodes a data URI.

    Args:
        url: The `url` of an `image_url` part.
        number: Its place in the request, from 1, for messages.

    Returns:
        The whole picture in RGB, upright, its transparent parts white.

    Raises:
        BadRequest: It is not a data URI, or not a picture.
    """
    prefix = _DATA_URI.match(url)
    if prefix is None:
        message = (
            f"Image {number} is not a base64 data URI of a picture. "
            "The offline engine fetches nothing: send the picture itself."
        )
        raise BadRequest("unsupported_url", message)
    try:
        data = base64.b64decode(url[prefix.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"Image {number} is not valid base64."
        raise BadRequest("invalid_image", message) from error
    return _decode(data, number)


def _decode(data: bytes, number: int) -> Image.Image:
    """The boundary to Pillow, whose decoders may raise anything on damaged bytes."""
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check_size(image, number)
            return _flat(image)
    except (BadRequest, MemoryError):
        raise
    except Exception as error:
        message = f"Image {number} is damaged or not a PNG, JPEG, WebP or GIF picture."
        raise BadRequest("invalid_image", message) from error


def _check_size(image: Image.Image, number: int) -> None:
    if image.width * image.height > _MOST_PIXELS:
        message = (
            f"Image {number} has {image.width} x {image.height} pixels, more than 100 million."
        )
        raise BadRequest("invalid_image", message)


def _flat(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    seen = upright.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(paper, seen).convert("RGB")
