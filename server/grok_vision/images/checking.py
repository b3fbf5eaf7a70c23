"""Whether bytes are a picture that calls can use: the same checks, and nothing is sent."""

from dataclasses import dataclass

from grok_vision.images.decode import pixels, verify
from grok_vision.images.picture import Picture
from grok_vision.images.prepare import open_wanted
from grok_vision.images.wanted import Wanted

# The side of a page or drawing that is drawn to see that it can be.
_DRAWN_SIDE = 256


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """What a picture was found to be; the size is as it is stored."""

    format: str
    width: int
    height: int


def check(data: bytes, wanted: Wanted) -> CheckedImage:
    """Decode a picture to see that it can be; blocks. To be run where hostile bytes may be.

    Raises:
        ImageError, ConfigurationError: as for any picture.
    """
    return check_opened(open_wanted(data, wanted), wanted)


def check_opened(picture: Picture, _: Wanted) -> CheckedImage:
    """Decode a picture to see that it can be; the pixels are dropped.

    Raises:
        ImageError: `damaged_image`, `too_many_pixels`.
    """
    if picture.vector:
        pixels(picture, (_DRAWN_SIDE, _DRAWN_SIDE))
    else:
        verify(picture)
    return CheckedImage(picture.format, picture.width, picture.height)
