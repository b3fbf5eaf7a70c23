"""A picture whose header has passed: what is known of it before a pixel is decoded."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from grok_vision.images.geometry import Size
from grok_vision.images.strip import Stripped

# A progressive JPEG has about ten scans; each is decoded over the whole picture.
_HARMLESS_SCANS = 16
# In bytes: what a picture may take in the server's own process, where nothing else bounds it.
_HARMLESS_MEMORY = 256 * 1024 * 1024
_BYTES_OF_MODES = {"1": 2, "L": 2, "P": 6, "I;16": 14, "I": 14}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture whose header has passed: its size in pixels, and pixels yet undecoded.

    `draw` returns the pixels as they are stored, in `mode`, in at least the size it is given where
    there are as many. `vector` tells that it draws in any size; width and height are then those of
    the document at 72 or 96 dots an inch.

    `turn` is the EXIF orientation that is still to be applied, 1 to 8, and `rotated` tells whether
    the file has one at all. `stripped` is the file without its metadata, where the format allows
    that without decoding. `frames` counts frames or pages, and `chosen` tells that the caller named
    one; `losses` are sentences about what of the document cannot be drawn.
    """

    draw: Callable[[Size], Image.Image] = field(repr=False)
    mode: str
    format: str
    width: int
    height: int
    file_bytes: int
    turn: int = 1
    rotated: bool = False
    vector: bool = False
    frames: int = 1
    chosen: bool = False
    transparent: bool = False
    has_metadata: bool = False
    profile: bytes = field(default=b"", repr=False)
    stripped: Stripped | None = None
    losses: tuple[str, ...] = ()

    @property
    def upright_size(self) -> Size:
        """The size in which a person sees it."""
        return (self.height, self.width) if self.turn >= 5 else (self.width, self.height)

    @property
    def is_plain(self) -> bool:
        """Whether the stored pixels are what a person sees: no turn, paper, profile or depth."""
        return (
            self.turn == 1
            and not self.transparent
            and not self.profile
            and self.mode in {"1", "L", "P", "RGB"}
            and (self.stripped is None or self.stripped.depth <= 8)
        )

    @property
    def harmless(self) -> bool:
        """Whether it may be decoded in the server's own process: its structure was walked.

        That is a PNG or JPEG that keeps to its format up to its end, with few scans, of moderate
        size.
        """
        if self.stripped is None or self.stripped.scans > _HARMLESS_SCANS:
            return False
        return self.width * self.height * self._bytes_a_pixel() <= _HARMLESS_MEMORY

    def _bytes_a_pixel(self) -> int:
        """Return what decoding takes at most, as measured with Pillow 13."""
        if self.transparent:
            return 9
        if self.stripped and (self.stripped.progressive or self.stripped.scans > 1):
            return 7  # the coefficients of all scans are held
        return _BYTES_OF_MODES.get(self.mode, 5)
