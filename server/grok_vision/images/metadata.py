"""What is noted in a picture besides its pixels: orientation, colour profile, and the rest."""

import struct

from PIL import Image

from grok_vision.images.strip import Stripped

_ORIENTATION_TAG = 0x0112
# Description, maker, model, software, date, artist, copyright, XMP, IPTC, Photoshop, EXIF, GPS.
_METADATA_TAGS = {270, 271, 272, 305, 306, 315, 33432, 700, 33723, 34377, 34665, 34853}
_METADATA = {"exif", "xmp", "icc_profile", "comment", "photoshop"}


def has_metadata(image: Image.Image) -> bool:
    """Tell whether there is anything besides the picture."""
    tags = getattr(image, "tag_v2", None) or {}
    return any(image.info.get(name) for name in _METADATA) or bool(_METADATA_TAGS & set(tags))


def profile_of(image: Image.Image, stripped: Stripped | None) -> bytes:
    """Return the colour profile; empty where there is none."""
    found = stripped.profile if stripped and stripped.profile else image.info.get("icc_profile")
    return found if isinstance(found, bytes) else b""


def orientation_of(image: Image.Image, stripped: Stripped | None) -> int:
    """Return the orientation in which it was taken, 1 to 8; hostile EXIF counts as upright."""
    if image.format == "HEIF":
        # libheif has applied it, and pillow-heif made the note in EXIF say so.
        return _orientation(image.info.get("original_orientation"))
    try:
        if image.format == "PNG":
            # Pillow's own way would decode the picture to look for EXIF behind it.
            exif = Image.Exif()
            exif.load(stripped.exif if stripped else b"")
        else:
            exif = image.getexif()
        return _orientation(exif.get(_ORIENTATION_TAG))
    except (ValueError, TypeError, KeyError, IndexError, SyntaxError, OSError, struct.error):
        return 1


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
