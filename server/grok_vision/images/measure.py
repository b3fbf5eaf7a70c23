"""From the header of a picture to the sizes in which it would be sent; no pixel is decoded.

What only its pixels tell is not seen: damage behind the header, how long an animation lasts (a
`#t=` beyond its end), and how many bytes a part takes.
"""

from dataclasses import dataclass, replace

from grok_vision.errors import ImageError
from grok_vision.images.boundary import decoder_boundary
from grok_vision.images.decode import open_picture
from grok_vision.images.formats import sniff
from grok_vision.images.frames import check_page
from grok_vision.images.geometry import Size
from grok_vision.images.headers import header, size_of_gif, size_of_webp, without_pixels
from grok_vision.images.layout import laid_out, region_of
from grok_vision.images.measured import MeasuredImage
from grok_vision.images.rasters import check_pixels, open_raster
from grok_vision.images.wanted import Wanted

# Pillow would give memory to the frames of a GIF, and decode a WebP, as soon as it opens them.
_READ_HERE = {"GIF": size_of_gif, "WEBP": size_of_webp}


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says: format, size as stored, whether it is to be turned on its side.

    `vector` tells that it draws in any size; `refusal` is why its pixels would not be decoded.
    """

    format: str
    width: int
    height: int
    on_side: bool = False
    vector: bool = False
    refusal: str = ""

    @property
    def upright_size(self) -> Size:
        """The size in which a person sees it."""
        return (self.height, self.width) if self.on_side else (self.width, self.height)


def header_here(data: bytes, wanted: Wanted) -> Header | None:
    """Return what a file's first bytes say; None where a decoder must see all of it, apart.

    Raises:
        ImageError: `not_an_image`, `unsupported_format`, `damaged_image`, or `bad_region` for a
            page that there is not.
    """
    name = sniff(data)
    if header(data) > len(data):
        return None
    with decoder_boundary(name):
        if name in _READ_HERE:
            check_page(wanted.selection.page, 1)
            return _header(name, _READ_HERE[name](data), "RGBA", wanted)
        picture = open_raster(
            name, without_pixels(data), max_pixels=None, page=wanted.selection.page, seconds=None
        )
    told = _header(name, (picture.width, picture.height), picture.mode, wanted)
    return replace(told, on_side=picture.turn >= 5)


def header_apart(data: bytes, wanted: Wanted) -> Header:
    """Return what a whole file says, by its decoder; to be run in a worker process.

    Raises:
        ImageError: as `open_picture` does.
        ConfigurationError: `missing_extra` where the format needs one.
    """
    name = sniff(data)
    if name == "WEBP" and (told := _header(name, size_of_webp(data), "RGBA", wanted)).refusal:
        # Opening it would fill the memory. Whether it is to be turned stands behind the pixels.
        return told
    picture = open_picture(data, max_pixels=None, page=wanted.selection.page)
    size = picture.width, picture.height
    if picture.vector:
        return Header(name, *size, vector=True)
    return replace(_header(name, size, picture.mode, wanted), on_side=picture.turn >= 5)


def measured(
    told: Header,
    wanted: Wanted,
    *,
    source: str,
    label: str,
    file_bytes: int | None,
    as_it_is: bool,
) -> MeasuredImage:
    """Return the sizes in which it would be sent; `as_it_is` where the provider fetches it itself.

    `label` is how warnings name it.

    Raises:
        ImageError: `bad_region` where what is selected lies outside it, `too_small`.
    """
    size = told.width, told.height
    if as_it_is:
        return MeasuredImage(source, told.format, *size, file_bytes, sent=(size,), sent_low=(size,))
    parts = laid_out(told.upright_size, wanted, vector=told.vector).parts
    regions = [region_of(part.box, part.size, told.upright_size) for part in parts]
    return MeasuredImage(
        source,
        told.format,
        *size,
        file_bytes,
        sent=tuple(part.size for part in parts),
        sent_low=_sent_low(told, wanted),
        regions=tuple(filter(None, regions)),
        warnings=(f"{label} would be refused: {told.refusal}",) if told.refusal else (),
    )


def _sent_low(told: Header, wanted: Wanted) -> tuple[Size, ...]:
    try:
        low = laid_out(told.upright_size, replace(wanted, detail="low"), vector=told.vector)
    except ImageError:
        return ()
    return tuple(part.size for part in low.parts)


def _header(name: str, size: Size, mode: str, wanted: Wanted) -> Header:
    try:
        check_pixels(name, size, mode, wanted.max_pixels)
    except ImageError as error:
        if error.code != "too_many_pixels":
            raise
        return Header(name, *size, refusal=error.message)
    return Header(name, *size)
