"""Pixels as a person sees them: eight bits, sRGB, on white paper."""

import math
from io import BytesIO

from PIL import Image, ImageCms

from grok_vision.errors import ImageError

_LARGEST = 1e12
_TRANSPARENT_MODES = {"RGBA", "LA", "PA", "RGBa", "La"}


def is_transparent(image: Image.Image) -> bool:
    """Tell whether pixels may be transparent."""
    return image.mode in _TRANSPARENT_MODES or "transparency" in image.info


def eight_bits(image: Image.Image) -> Image.Image:
    """Return L, RGB, LA, RGBA, or CMYK: the modes that can be scaled, and made sRGB on paper."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _scaled(image.convert("I"), 0.0, 65535.0)
    if mode in {"I", "F"}:
        return _scaled(image, *_range(image))
    if mode in {"L", "RGB", "RGBA", "LA", "CMYK"} and "transparency" not in image.info:
        return image
    if mode == "LAB":
        return _converted(
            image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        ) or image.convert("L")
    if mode == "1" and "transparency" not in image.info:
        return image.convert("L")
    return image.convert("RGBA" if is_transparent(image) else "RGB")


def _range(image: Image.Image) -> tuple[float, float]:
    """Return what black and white stand for where the format does not say: the nearest usual."""
    low, high = (float(edge) for edge in image.getextrema() if isinstance(edge, int | float))
    # Measurements with gaps: what is not a number spoils the scale, and Pillow's extrema with it.
    if not math.isfinite(high - low) or max(-low, high) > _LARGEST or low == high != round(low):
        raise ImageError(
            "unsupported_format",
            "its pixels are measurements with gaps, not a picture; export it as PNG.",
        )
    if low >= 0:
        for white in (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0):
            if high <= white:
                return 0.0, white
    return low, high


def _scaled(image: Image.Image, black: float, white: float) -> Image.Image:
    """Return the picture with 0 for `black` and 255 for `white`; Pillow alone would clip."""
    scale = 255.0 / max(white - black, 1e-9)
    return image.convert("F").point(lambda value: value * scale - black * scale).convert("L")


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours as sRGB, which is what every model assumes."""
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile that cannot be read is no profile
    return _converted(image, source) or image


def _converted(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image | None:
    """Return the colours as sRGB, None where the profile does not fit the picture."""
    target = ImageCms.createProfile("sRGB")
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        return ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def without_full_alpha(image: Image.Image) -> Image.Image:
    """Return RGB, or RGBA where a pixel is not opaque."""
    if image.mode not in _TRANSPARENT_MODES:
        return image if image.mode == "RGB" else image.convert("RGB")
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    opaque = rgba.getchannel("A").getextrema() == (255, 255)
    return rgba.convert("RGB") if opaque else rgba


def on_paper(image: Image.Image) -> Image.Image:
    """Return RGB or L, with what is transparent on white."""
    if image.mode in {"RGB", "L"}:
        return image
    rgba = image.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(paper, rgba).convert("RGB")
