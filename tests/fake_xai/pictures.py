"""Reading the pictures of a request, strictly.

Limits: grok-build image_normalize.rs and image_validate.rs, 2026-08-19.
Messages: recorded, July to September 2026.
"""

import base64
import binascii
from collections.abc import Iterator
from io import BytesIO

from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from tests.fake_xai.links import check_link
from tests.fake_xai.metadata import jpeg_metadata, png_metadata
from tests.fake_xai.recorded import Link, Picture, parts
from tests.fake_xai.response import RefusalError, invalid_image

MIN_SIDE = 8
MIN_PIXELS = 512
MAX_PIXELS = 178_956_970

_MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
_METADATA = {"png": png_metadata, "jpeg": jpeg_metadata}
# Opened by class and not by `Image.open`, which would warn of large pictures before we can refuse.
_FILES = {"png": PngImageFile, "jpeg": JpegImageFile}


def look(body: object) -> tuple[list[Picture], list[Link], RefusalError | None]:
    """The sound pictures of a body of any shape, its links, and the first thing wrong."""
    pictures: list[Picture] = []
    links: list[Link] = []
    wrong: RefusalError | None = None
    for url, detail in _image_urls(body):
        try:
            if url.startswith(("http://", "https://")):
                check_link(url)
                links.append(Link(url, detail))
            else:
                pictures.append(_read(url, detail))
        except RefusalError as refusal:
            wrong = wrong or refusal
    return pictures, links, wrong


def _image_urls(body: object) -> Iterator[tuple[str, str | None]]:
    for part in parts(body):
        match part:
            case {"type": "image_url", "image_url": {"url": str(url), "detail": str(detail)}}:
                yield url, detail
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                yield url, None


def _read(url: str, detail: str | None) -> Picture:
    label, data = _decode_uri(url)
    kind = _sniff(data)
    # Stricter than xAI, which ignores the label; but relays before it do not.
    if label != f"image/{kind}":
        raise invalid_image(f"stand-in: a picture labelled {label} is image/{kind}")
    try:
        metadata = _METADATA[kind](data)
        width, height = _decode(data, kind)
    except (OSError, SyntaxError, ValueError):
        raise invalid_image(f"Invalid {kind.upper()} image.") from None
    return Picture(label, data, kind, width, height, detail, metadata)


def _decode_uri(url: str) -> tuple[str, bytes]:
    head, _, payload = url.partition(",")
    scheme, _, media_type = head.partition(":")
    label, _, encoding = media_type.partition(";")
    if scheme != "data":
        raise invalid_image("stand-in: an image URL must be data: or http(s):")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters that are not ASCII
        data = b""
    if encoding != "base64" or not data:
        raise invalid_image("Base64 string of provided image cannot be decoded.")
    return label, data


def _sniff(data: bytes) -> str:
    for kind, magic in _MAGIC.items():
        if data.startswith(magic):
            return kind
    # Stricter than xAI, which does take these two: elsewhere they fail.
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise invalid_image("stand-in: WebP is not portable, send JPEG or PNG")
    if data.startswith(b"\0\0\1\0"):
        raise invalid_image("stand-in: ICO is not portable, send JPEG or PNG")
    raise invalid_image(
        "Downloaded response does not contain a valid JPG, PNG, WebP, or ICO image."
    )


def _decode(data: bytes, kind: str) -> tuple[int, int]:
    with _FILES[kind](BytesIO(data)) as image:
        width, height = image.size
        _check_size(width, height)
        image.load()
    return width, height


def _check_size(width: int, height: int) -> None:
    pixels = width * height
    if min(width, height) < MIN_SIDE:
        raise invalid_image(f"Image dimensions {width}x{height} are too small.")
    if pixels < MIN_PIXELS:
        raise invalid_image(
            f"Image has {pixels} total pixels ({width}x{height}), "
            f"which is below the minimum of {MIN_PIXELS} pixels."
        )
    if pixels > MAX_PIXELS:
        raise invalid_image(f"Image has {pixels} total pixels ({width}x{height}).")
