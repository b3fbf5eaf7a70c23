"""Pages of PDF documents."""

from functools import partial
from typing import TYPE_CHECKING

from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.extras import needs_extra
from grok_vision.images.frames import check_page
from grok_vision.images.geometry import Size
from grok_vision.images.picture import Picture
from grok_vision.images.vectors import drawn_size, natural_size

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage


def open_document(data: bytes, *, page: int | None) -> Picture:
    """Read the size of a page, the first where none is named; its natural size is in points.

    Raises:
        ImageError: `bad_region` for a page it has not, `unsupported_format` where it is locked,
            `damaged_image` where the page has no sensible size.
        ConfigurationError: `missing_extra`.
    """
    document = _opened(data)
    pages = len(document)
    check_page(page, pages)
    opened = document[(page or 1) - 1]
    width, height = natural_size(*opened.get_size())
    return Picture(
        draw=partial(_drawn, opened),
        mode="RGB",
        format="PDF",
        width=width,
        height=height,
        file_bytes=len(data),
        vector=True,
        frames=pages,
        chosen=page is not None,
    )


def _opened(data: bytes) -> "PdfDocument":
    with needs_extra("a PDF document"):
        import pypdfium2
        import pypdfium2.raw
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code not in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}:
            raise
        raise ImageError(
            "unsupported_format",
            "it is a PDF that opens with a password only; save a copy without one, or export the "
            "page as PNG.",
        ) from None
    # Before any page is opened: what is filled in is drawn with it.
    document.init_forms()
    return document


def _drawn(page: "PdfPage", at_least: Size) -> Image.Image:
    width, height = page.get_size()
    size = drawn_size(width, height, at_least)
    scale = max(size[0] / width, size[1] / height)
    # Rounded up by pdfium, so that a pixel may be too much on the other side.
    drawn: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil()
    return drawn.crop((0, 0, *size))
