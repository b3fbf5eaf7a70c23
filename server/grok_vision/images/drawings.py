"""SVG drawings."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.extras import needs_extra
from grok_vision.images.fonts import Families, installed_families
from grok_vision.images.formats import unpacked
from grok_vision.images.frames import check_page
from grok_vision.images.geometry import Size
from grok_vision.images.markup import Markup, read_markup
from grok_vision.images.picture import Picture
from grok_vision.images.vectors import drawn_size, natural_size

_LACKS_HTML = (
    "the SVG holds HTML (foreignObject), which was not drawn; export it as PNG to show it."
)
_LACKS_PICTURES = (
    "the SVG shows pictures that were not drawn: they are not within the file, or not as PNG, "
    "JPEG, GIF or WebP in base64; export it as PNG to show them."
)
_MOST_BYTES = 20 * 1024 * 1024
# Where there is no text, resvg loads no fonts.
_NO_TEXT = Families("", "", "")


def open_drawing(data: bytes, *, page: int | None) -> Picture:
    """Read a drawing; its natural size is in pixels of CSS.

    Raises:
        ImageError: `not_an_image`, `unsupported_format`, `too_many_pixels`, `damaged_image` where
            its size makes no sense, or `bad_region` for a page it has not.
        ConfigurationError: `missing_extra`.
    """
    with needs_extra("an SVG drawing"):
        import resvg_py  # noqa: F401 - told before any work is done
    check_page(page, 1)
    markup = read_markup(_inflated(data))
    width, height = natural_size(markup.width, markup.height)
    return Picture(
        draw=partial(_drawn, markup),
        mode="RGB",
        format="SVG",
        width=width,
        height=height,
        file_bytes=len(data),
        vector=True,
        losses=tuple(_losses(markup)),
    )


def _losses(markup: Markup) -> Iterator[str]:
    if markup.lacks_html:
        yield _LACKS_HTML
    if markup.lacks_pictures:
        yield _LACKS_PICTURES


def _inflated(data: bytes) -> bytes:
    inflated = unpacked(data, _MOST_BYTES + 1)
    if len(inflated) > _MOST_BYTES:
        raise ImageError(
            "unsupported_format", f"it unpacks to over {_MOST_BYTES:,} bytes; export it as PNG."
        )
    return inflated


def _drawn(markup: Markup, at_least: Size) -> Image.Image:
    import resvg_py

    fonts = installed_families() if markup.has_text else _NO_TEXT
    if fonts is None:
        raise ImageError(
            "unsupported_format",
            "it has text, and no usual font is installed to draw it with; install one, such as "
            "DejaVu or Liberation, or export it as PNG.",
        )
    size = drawn_size(markup.width, markup.height, at_least)
    drawn = resvg_py.svg_to_bytes(
        svg_string=markup.sized(*size),
        background="#ffffff",
        dpi=96.0,
        serif_family=fonts.serif,
        sans_serif_family=fonts.sans,
        monospace_family=fonts.monospace,
        cursive_family=fonts.sans,
        fantasy_family=fonts.sans,
    )
    return Image.open(BytesIO(drawn), formats=["PNG"]).convert("RGB")
