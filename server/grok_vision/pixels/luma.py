"""How bright a picture is."""

from PIL import Image


def luma(image: Image.Image) -> Image.Image:
    """Return the brightness of a picture, on white where it is transparent."""
    if image.mode != "RGBA":
        return image.convert("L")
    seen = Image.new("L", image.size, 255)
    seen.paste(image.convert("L"), mask=image.getchannel("A"))
    return seen
