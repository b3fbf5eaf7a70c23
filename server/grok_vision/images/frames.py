"""Files of several pictures: which one is meant by `#page=` or `#t=`, and what is said if none."""

from PIL import Image

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Box
from grok_vision.images.picture import Picture
from grok_vision.images.strip import Stripped

PAGED = {"PDF", "TIFF"}

MOST_FRAMES = 1_000
"""The frames of an animation and the pages of a TIFF that are looked at: each takes a while."""

# In milliseconds. Browsers show a frame for the second where it asks for the first or less.
_TOO_SHORT, _USUAL = 10.0, 100.0
_MOVING = {"PNG", "GIF", "WEBP", "AVIF"}


def frame_warning(picture: Picture) -> str | None:
    """Return what the caller must know where a file has more pictures than were asked for."""
    if picture.frames < 2 or picture.chosen:
        return None
    pages = picture.format in PAGED
    uncounted = "at least " if picture.format == "TIFF" and picture.frames >= MOST_FRAMES else ""
    kind = "pages" if pages else "frames"
    found = f"the {picture.format} has {uncounted}{picture.frames:,} {kind}"
    advice = "name one with #page=2" if pages else "name a time in seconds with #t=1.5"
    return f"{found}; only the first was used; {advice}."


def check_page(page: int | None, pages: int, *, looked_at: int | None = None) -> None:
    """Check that there is such a page, counted from 1; no more than `looked_at` were counted.

    Raises:
        ImageError: `bad_region`.
    """
    if page is None or 1 <= page <= pages:
        return
    if pages == 1:
        raise ImageError(
            "bad_region", f"it is one picture and has no page {page}; leave out #page=."
        )
    if pages == looked_at:
        raise ImageError(
            "bad_region", f"only its first {pages:,} pages are looked at; name one of them."
        )
    raise ImageError(
        "bad_region", f"it has no page {page}; name one of its {pages:,} pages, from #page=1."
    )


def count_frames(image: Image.Image, name: str, stripped: Stripped | None) -> int:
    """Return how many frames or pages the file, opened as `image`, says it has."""
    if stripped is not None and stripped.animated:
        return stripped.frames
    if name == "TIFF":
        return _pages_of_tiff(image)
    # The further pictures of a JPEG or HEIC are its thumbnail or depth map.
    return int(getattr(image, "n_frames", 1)) if name in _MOVING else 1


def _pages_of_tiff(image: Image.Image) -> int:
    """Return the count, as far as it is looked for."""
    pages = 1
    while pages < MOST_FRAMES:
        try:
            image.seek(pages)
        except EOFError:
            break
        pages += 1
    image.seek(0)
    return pages


def seek_time(image: Image.Image, seconds: float) -> None:
    """Bring the image to the frame that is shown so long after the start; decodes up to there.

    Raises:
        ImageError: `bad_region` where the animation is over by then.
    """
    size, passed = image.size, 0.0
    # A picture that stands for the animation where it cannot be played is not part of it.
    first = 1 if getattr(image, "default_image", False) else 0
    for number in range(first, first + MOST_FRAMES):
        try:
            image.seek(number)
        except EOFError:
            raise ImageError(
                "bad_region",
                f"it lasts {passed / 1000:g} seconds; name an earlier time with #t=.",
            ) from None
        if image.size != size:
            raise ImageError("damaged_image", "a frame is larger than the picture; save it again.")
        image.load()
        passed += _shown_for(image)
        if seconds * 1000 < passed:
            return
    raise ImageError(
        "bad_region",
        f"only its first {MOST_FRAMES:,} frames are looked at, which last {passed / 1000:g} "
        "seconds; name an earlier time with #t=.",
    )


def _shown_for(image: Image.Image) -> float:
    """Return how long the frame is shown, in milliseconds."""
    asked = image.info.get("duration", 0)
    return asked if isinstance(asked, int | float) and asked > _TOO_SHORT else _USUAL


def part_of_canvas(image: Image.Image) -> Box | None:
    """Return where the first frame of a GIF lies if it leaves some of the picture empty."""
    if image.format != "GIF" or "transparency" in image.info:
        return None
    tiles = getattr(image, "tile", ())
    box: Box | None = tiles[0].extents if tiles else None
    return None if box == (0, 0, *image.size) else box


def on_canvas(image: Image.Image, box: Box) -> Image.Image:
    """Return the picture with nothing around its frame, where Pillow puts the first colour."""
    canvas = Image.new("RGBA", image.size)
    canvas.paste(image.crop(box).convert("RGBA"), box[:2])
    return canvas
