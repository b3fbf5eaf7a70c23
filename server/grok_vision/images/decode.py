"""From bytes to pixels that a provider may see: upright, eight bits, sRGB, on white paper."""

from PIL import Image

from grok_vision.images.appearance import eight_bits, in_srgb, on_paper, without_full_alpha
from grok_vision.images.boundary import decoder_boundary
from grok_vision.images.documents import open_document
from grok_vision.images.drawings import open_drawing
from grok_vision.images.formats import sniff
from grok_vision.images.geometry import Box, Size
from grok_vision.images.icons import open_icon
from grok_vision.images.picture import Picture
from grok_vision.images.rasters import open_raster

# Of 16 bits, and so large that they are brought to eight once they are small.
_SCALED_AS_THEY_ARE = {"I;16"}

_TURNS: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_picture(
    data: bytes, *, max_pixels: int | None, page: int | None = None, seconds: float | None = None
) -> Picture:
    """Read the header of the picture and check what it claims; no pixel is decoded.

    `max_pixels` is None where nothing will be drawn: then it may claim any size.
    `page`, from 1, selects one of a document, and `seconds` after its start a frame of an
    animation; without them it is the first.

    Raises:
        ImageError: `not_an_image`, `unsupported_format`, `damaged_image`, `too_many_pixels`, or
            `bad_region` for a page that there is not.
        ConfigurationError: `missing_extra` where the format needs one.
    """
    name = sniff(data)
    with decoder_boundary(name):
        if name == "PDF":
            return open_document(data, page=page)
        if name == "SVG":
            return open_drawing(data, page=page)
        if name == "ICO":
            return open_icon(data, max_pixels=max_pixels, page=page)
        return open_raster(name, data, max_pixels=max_pixels, page=page, seconds=seconds)


def pixels(picture: Picture, size: Size) -> Image.Image:
    """Return the pixels as a person sees them, scaled to `size` (upright width and height).

    The mode is RGB or L; no metadata is attached.

    Raises:
        ImageError: `damaged_image`, or `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        stored = size if picture.turn < 5 else size[::-1]
        # Scaled first: what follows then costs next to nothing.
        return _turned(_finished(picture.draw(stored), picture, stored), picture)


def true_pixels(picture: Picture, size: Size, box: Box) -> Image.Image:
    """Return what `box` cuts out of the picture drawn in `size`, both upright, for comparing.

    The mode is RGB, or RGBA where something in it is transparent; no metadata is attached.

    Raises:
        ImageError: `damaged_image`, or `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        stored = size if picture.turn < 5 else size[::-1]
        drawn = eight_bits(picture.draw(stored))
        if drawn.size != stored:
            drawn = drawn.resize(stored, Image.Resampling.LANCZOS)
        turned = _turned(drawn, picture)
        # A copy takes a quarter of the time of decoding.
        inside = turned if box == (0, 0, *turned.size) else turned.crop(box)
        exact = without_full_alpha(in_srgb(inside, picture.profile))
        exact.info = {}
        return exact


def upright(picture: Picture, at_least: Size) -> Image.Image:
    """Return the whole picture, turned but unscaled, to cut parts from with `part_pixels`.

    Its size is that of the picture, or smaller where the decoder can shrink on the way, never
    below `at_least` (upright width and height).

    Raises:
        ImageError: `damaged_image`, or `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        stored = at_least if picture.turn < 5 else at_least[::-1]
        # What black and white stand for is a matter of the whole picture.
        return _turned(eight_bits(picture.draw(stored)), picture)


def part_pixels(whole: Image.Image, picture: Picture, box: Box, size: Size) -> Image.Image:
    """Return what `box` cuts out of an upright picture, as a person sees it, scaled to `size`.

    Raises:
        ImageError: `too_many_pixels` where memory does not suffice.
    """
    with decoder_boundary(picture.format):
        return _finished(whole.crop(box), picture, size)


def _finished(image: Image.Image, picture: Picture, size: Size) -> Image.Image:
    """Return eight bits of sRGB on white paper, in `size`."""
    is_scaled_as_it_is = image.mode in _SCALED_AS_THEY_ARE
    if not is_scaled_as_it_is:
        image = eight_bits(image)
    if image.size != size:
        # Pillow 13 cannot reduce 16 bits by whole numbers first, which the gap would have it do.
        gap = None if is_scaled_as_it_is else 3.0
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)
    finished = on_paper(in_srgb(eight_bits(image), picture.profile))
    finished.info = {}
    return finished


def _turned(image: Image.Image, picture: Picture) -> Image.Image:
    turn = _TURNS.get(picture.turn)
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = {}
    return turned


def verify(picture: Picture) -> None:
    """Decode the picture to see that it can be; the pixels are dropped.

    Raises:
        ImageError: `damaged_image`.
    """
    with decoder_boundary(picture.format):
        picture.draw((picture.width, picture.height))
