"""Files that were made to harm."""

import importlib.util
import random
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.outcomes import SECRET
from tests.support import encoded, noise, quadrants


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """Return a chunk of a PNG."""
    body = kind + content
    return len(content).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def png(width: int, height: int, colour: int = 2, depth: int = 8, *more: bytes) -> bytes:
    """Return a PNG that claims a size, with further chunks before its few pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + b"".join(more) + pixels + chunk(b"IEND")


def full_png(side: int, colour: int, channels: int) -> bytes:
    """Return a sound PNG of many pixels in few bytes."""
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(1 + side * channels)) for _ in range(side))
    whole = png(side, side, colour)
    start, end = whole.index(b"IDAT") - 4, len(whole) - 12
    return whole[:start] + chunk(b"IDAT", rows + packer.flush()) + whole[end:]


def webp(width: int, height: int) -> bytes:
    """Return a WebP in which one colour stands for all pixels."""
    bits = 0x2F | (width - 1) << 8 | (height - 1) << 22
    body = bits.to_bytes(5, "little") + b"\x88\x88\x08"
    content = b"VP8L" + len(body).to_bytes(4, "little") + body
    return b"RIFF" + (len(content) + 4).to_bytes(4, "little") + b"WEBP" + content


def bmp(width: int, height: int, depth: int = 24) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + header + bytes(900)


def tiff(width: int, height: int, compression: int = 1) -> bytes:
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, 100),
    ]
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    directory = struct.pack("<H", len(entries)) + packed + bytes(4)
    return b"II*\0" + struct.pack("<I", 108) + bytes(100) + directory


def ico(inside: bytes, side: int = 0) -> bytes:
    return (
        struct.pack("<HHH", 0, 1, 1)
        + struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(inside), 22)
        + inside
    )


def gif(width: int, height: int, canvas: tuple[int, int] | None = None, disposal: int = 0) -> bytes:
    """Return a GIF whose one frame claims a size, and its canvas the same or another."""
    black = bytes(6)
    screen = struct.pack("<HHBBB", *(canvas or (width, height)), 0x80, 0, 0) + black
    control = b"\x21\xf9\x04" + bytes((disposal << 2, 0, 0, 0, 0))
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x44\1\0"
    return b"GIF89a" + screen + control + frame + b"\x3b"


def jpeg_claiming(width: int, height: int) -> bytes:
    whole = bytearray(encoded(noise(32, 32), "JPEG"))
    place = whole.index(b"\xff\xc0") + 5
    whole[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def scans(count: int, side: int = 2000) -> bytes:
    """Return a progressive JPEG whose last scan is repeated."""
    whole = encoded(Image.new("RGB", (side, side), "gray"), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * count + whole[-2:]


def bombs() -> dict[str, bytes]:
    """Return small files that claim or unfold to much; none of them can be sent."""
    inflating = zlib.compress(bytes(60_000_000), 1)
    many = full_png(9400, 6, 4)
    return {
        "PNG 30000": png(30_000, 30_000),
        "PNG 2**31": png(2**31 - 1, 2**31 - 1),
        "PNG 9400 with alpha": many,
        "PNG 1x2**31": png(1, 2**31 - 1),
        "GIF 65535": gif(65_535, 65_535),
        "GIF of a frame larger than its canvas": gif(30_000, 30_000, (24, 16), disposal=2),
        "WEBP 16000x11000": webp(16_000, 11_000),
        "WEBP 16384": webp(16_384, 16_384),
        "AVIF 9000": encoded(Image.new("L", (9000, 9000)), "AVIF", speed=10),
        "BMP 30000": bmp(30_000, 30_000),
        "BMP 2**31": bmp(2**31 - 1, -(2**31) + 1),
        "TIFF 60000": tiff(60_000, 60_000),
        "TIFF 2**32": tiff(2**32 - 1, 2**32 - 1),
        "ICO of a PNG bomb": ico(many),
        "ICO of a claim": ico(png(30_000, 30_000)),
        "ICO of a bitmap": ico(bmp(30_000, 60_000, 32)[14:]),
        "JPEG 65500": jpeg_claiming(65_500, 65_500),
        "500 scans": scans(500),
        "5000 scans": scans(5000),
        "5000 scans, no end": scans(5000)[:-2],
        "100,000 tEXt": png(8, 8, 2, 8, *[chunk(b"tEXt", b"a\0b")] * 100_000),
        "200,000 IDAT": png(8, 8, 2, 8, *[chunk(b"IDAT")] * 200_000),
        "100,000 comments": JPEG[:2] + b"\xff\xfe\0\2" * 100_000 + JPEG[2:],
        "100,000 tables": JPEG[:2] + b"\xff\xdb\0\2" * 100_000 + JPEG[2:],
        "100,000 restarts": JPEG[:2] + b"\xff\xd0" * 100_000 + JPEG[2:],
        "cut PNG with a profile that inflates": png(
            8, 8, 2, 8, chunk(b"iCCP", b"a\0\0" + inflating)
        )[:-4],
    }


def burdened() -> dict[str, bytes]:
    """Return sound pictures with heavy or hostile burdens, which are dropped."""
    inflating = zlib.compress(bytes(1_000_000), 9)
    pixels = encoded(quadrants(), "PNG")
    return {
        "60 MB of zTXt": _with(pixels, chunk(b"zTXt", b"a\0\0" + inflating) * 60),
        "60 MB of zTXt behind": pixels[:-12]
        + chunk(b"zTXt", b"a\0\0" + inflating) * 60
        + pixels[-12:],
        "a profile that inflates": _with(
            pixels, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(60_000_000), 1))
        ),
        "a PDF inside a PNG": _with(pixels, chunk(b"tEXt", b"a\0%PDF-1.4 " + SECRET)),
        "PNG and ZIP": pixels + b"PK\3\4" + SECRET,
        "JPEG and HTML": JPEG[:2]
        + segment(0xFE, b"<html>" + SECRET)
        + JPEG[2:]
        + b"<script>"
        + SECRET,
        "20,000 APPn": JPEG[:2] + segment(0xE5, SECRET) * 20_000 + JPEG[2:],
        "20,000 tables": JPEG[:2] + JPEG[20:89] * 20_000 + JPEG[20:],
        "GIF and script": _gif_and_script(),
    }


def finds() -> dict[str, bytes]:
    """Return what fuzzing found to be sent as something else than it is drawn."""
    return {
        "an empty JPEG and a whole one": JPEG[:20] + b"\xff\xd9" + JPEG,
        "a further frame after a first that ends early": _apng_that_ends_early(),
    }


def _apng_that_ends_early() -> bytes:
    pixels = zlib.compress(bytes(49 * 48))
    frame = struct.pack(">IIIIIHHBB", 0, 64, 48, 0, 0, 1, 10, 0, 0)
    header = struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"acTL", struct.pack(">II", 2, 0)),
            chunk(b"fcTL", frame),
            chunk(b"IDAT", pixels[:10]),
            chunk(b"fdAT", bytes(4) + pixels),
            chunk(b"IEND"),
        ]
    )


def segment(marker: int, content: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def _with(whole: bytes, more: bytes) -> bytes:
    return whole[:33] + more + whole[33:]


def _gif_and_script() -> bytes:
    whole = encoded(quadrants(0x2F, 0x2A, "P"), "GIF")
    return whole + b"*/=1;alert('" + SECRET + b"')"


def tagged() -> dict[str, bytes]:
    """Return pictures that say where they were taken, in every way their formats have."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: SECRET.decode()})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    how: dict[str, Any] = {
        "exif": exif,
        "icc_profile": profile,
        "xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>",
    }
    notes = PngInfo()
    notes.add_text("Author", SECRET.decode(), zip=True)
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    made = {
        "JPEG": encoded(noise(64, 48), "JPEG", comment=SECRET, **how),
        "PNG": encoded(quadrants(), "PNG", pnginfo=notes, exif=exif, icc_profile=profile),
        "PNG without a profile": encoded(quadrants(), "PNG", pnginfo=notes, exif=exif),
        "WEBP": encoded(noise(64, 48), "WEBP", **how),
        "TIFF": encoded(quadrants(), "TIFF", exif=exif, icc_profile=profile),
        "AVIF": encoded(noise(64, 48), "AVIF", **how),
        "GIF": encoded(quadrants(), "GIF", comment=SECRET),
    }
    if importlib.util.find_spec("pillow_heif"):
        made["HEIF"] = heif(exif=exif.tobytes(), xmp=how["xmp"])
    return {name: data + SECRET for name, data in made.items()}


def heif(**how: Any) -> bytes:
    import pillow_heif

    buffer = BytesIO()
    pillow_heif.from_pillow(noise(64, 48)).save(buffer, quality=50, **how)
    return buffer.getvalue()


JPEG = encoded(noise(32, 24), "JPEG", quality=30)


def small() -> dict[str, bytes]:
    """Return a small file of every format and coding that can be made here."""
    flat, many = quadrants(24, 16), noise(24, 16)
    turned = flat.transpose(Image.Transpose.ROTATE_180)
    moving = {"save_all": True, "append_images": [turned], "duration": 100}
    made = {
        "PNG": encoded(flat, "PNG"),
        "PNG P": encoded(flat.convert("P"), "PNG", transparency=0),
        "PNG 16": encoded(flat.convert("I;16"), "PNG"),
        "APNG": encoded(flat, "PNG", **moving),
        "JPEG": JPEG,
        "JPEG progressive": encoded(many, "JPEG", quality=30, progressive=True),
        "JPEG CMYK": encoded(flat.convert("CMYK"), "JPEG", quality=30),
        "WEBP lossy": encoded(many, "WEBP", quality=20),
        "WEBP lossless": encoded(flat, "WEBP", lossless=True),
        "WEBP animated": encoded(flat, "WEBP", **moving),
        "GIF": encoded(flat, "GIF"),
        "GIF animated": encoded(flat, "GIF", **moving),
        "BMP": encoded(flat.convert("P"), "BMP"),
        "TIFF": encoded(flat.convert("L"), "TIFF"),
        "TIFF LZW": encoded(flat, "TIFF", compression="tiff_lzw"),
        "TIFF JPEG": encoded(many, "TIFF", compression="jpeg", quality=30),
        "TIFF fax": encoded(flat.convert("1"), "TIFF", compression="group4"),
        "AVIF": encoded(flat, "AVIF"),
        "ICO": encoded(flat, "ICO", sizes=[(16, 16), (24, 24)]),
        "ICO BMP": encoded(flat, "ICO", sizes=[(16, 16)], bitmap_format="bmp"),
    }
    if importlib.util.find_spec("pillow_heif"):
        made["HEIF"] = heif()
    if importlib.util.find_spec("pypdfium2"):
        made["PDF"] = encoded(flat.convert("1"), "PDF")
    if importlib.util.find_spec("resvg_py"):
        made["SVG"] = (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48" viewBox="0 0 64 48">'
            b'<defs><linearGradient id="g"><stop offset="0.5" stop-color="red"/></linearGradient>'
            b'</defs><rect width="9" height="9" fill="url(#g)"/><path d="M0 0L9 9Z"/></svg>'
        )
    return made


def cut(data: bytes) -> Iterator[bytes]:
    """Yield the file cut off at every byte."""
    return (data[:length] for length in range(len(data)))


def flipped(data: bytes, times: int) -> Iterator[bytes]:
    """Yield the file with one to four bits or bytes changed, the same for each run."""
    chance = random.Random(zlib.crc32(data))
    for _ in range(times):
        hostile = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            hostile[place] = chance.choice(
                (hostile[place] ^ 1 << chance.randrange(8), chance.choice((0, 127, 128, 255)))
            )
        yield bytes(hostile)
