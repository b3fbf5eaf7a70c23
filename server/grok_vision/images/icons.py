"""Icons and cursors: one picture of several is taken, the largest."""

import warnings
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.formats import MOST_ICONS
from grok_vision.images.frames import check_page
from grok_vision.images.geometry import Size
from grok_vision.images.picture import Picture
from grok_vision.images.rasters import check_pixels, open_raster

_HEADER, _ENTRY = 6, 16
# In bytes; what of a bitmap or PNG tells its size and depth.
_LONGEST_HEAD = 26
_PNG = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_OPAQUE_DEPTH, _ALPHA_DEPTH = 24, 32


@dataclass(frozen=True, slots=True)
class _Entry:
    """One picture of the icon: a PNG, or a bitmap without its file header."""

    content: bytes = field(repr=False)
    width: int
    height: int
    depth: int

    @property
    def is_png(self) -> bool:
        return self.content.startswith(_PNG)


def open_icon(data: bytes, *, max_pixels: int | None, page: int | None) -> Picture:
    """Read the header of the largest picture in an icon, and check what it claims.

    Raises:
        ImageError: `damaged_image`, `too_many_pixels`, or `bad_region` for a page it has not.
    """
    check_page(page, 1)
    entry = _largest(data)
    if entry.is_png:
        picture = open_raster("PNG", entry.content, max_pixels=max_pixels, page=None, seconds=None)
        return replace(picture, format="ICO", file_bytes=len(data), frames=1, stripped=None)
    check_pixels("ICO", (entry.width, entry.height), "RGBA", max_pixels)
    return Picture(
        draw=partial(_drawn, entry),
        mode="RGBA",
        format="ICO",
        width=entry.width,
        height=entry.height,
        file_bytes=len(data),
        transparent=True,
    )


def _largest(data: bytes) -> _Entry:
    """Return the entry with the most pixels, then bits, as its own header says, not the list."""
    count = min(int.from_bytes(data[4:_HEADER], "little"), MOST_ICONS)
    entries = []
    for place in range(_HEADER, _HEADER + count * _ENTRY, _ENTRY):
        length = int.from_bytes(data[place + 8 : place + 12], "little")
        start = int.from_bytes(data[place + 12 : place + 16], "little")
        # The rest is not copied to look at it: each of them may be the whole file.
        entry = _entry(data[start : start + min(length, _LONGEST_HEAD)])
        if entry and start >= _HEADER + _ENTRY:
            entries.append((entry, start, length))
    if not entries:
        raise ImageError("damaged_image", "it is an icon without any picture; save it again.")
    largest, start, length = max(
        entries, key=lambda found: (found[0].width * found[0].height, found[0].depth)
    )
    return replace(largest, content=data[start : start + length])


def _entry(head: bytes) -> _Entry | None:
    if head.startswith(_PNG):
        width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        depth = int.from_bytes(head[24:25]) * _CHANNELS.get(int.from_bytes(head[25:26]), 1)
        return _Entry(head, width, height, depth)
    if int.from_bytes(head[:4], "little") < 40:
        return None
    width = int.from_bytes(head[4:8], "little", signed=True)
    # The picture and its mask, one below the other.
    height = int.from_bytes(head[8:12], "little", signed=True) // 2
    depth = int.from_bytes(head[14:16], "little")
    return _Entry(head, width, height, depth) if width > 0 and height > 0 else None


def _drawn(entry: _Entry, _: Size) -> Image.Image:
    image = _decoded(entry, entry.depth)
    # Icons of old have 32 bits and no alpha in them: then the mask alone counts.
    if entry.depth == _ALPHA_DEPTH and image.mode == "RGBA" and not image.getchannel("A").getbbox():
        image = _decoded(entry, _OPAQUE_DEPTH)
    return image


def _decoded(entry: _Entry, depth: int) -> Image.Image:
    """Decode an icon made anew of this one entry; Pillow takes the mask by the `depth` it tells."""
    small = bytes(side if side < 256 else 0 for side in (entry.width, entry.height))
    listed = b"\0\0\1\0\1\0" + small + b"\0\0\1\0" + depth.to_bytes(2, "little")
    place = len(entry.content).to_bytes(4, "little") + (_HEADER + _ENTRY).to_bytes(4, "little")
    with warnings.catch_warnings():
        # The list cannot tell more than 256 pixels a side, and Pillow wonders.
        warnings.simplefilter("ignore")
        image = Image.open(BytesIO(listed + place + entry.content), formats=["ICO"])
        image.load()
    return image
