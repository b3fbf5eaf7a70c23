"""Files that were made to harm end in a coded refusal, or as a picture with nothing beside it.

Most rows run in a worker process, so that a decoder that crashes or runs on is seen as such.
"""

import importlib.util
import pickle
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import get_args

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grok_vision.errors import ImageCode, ImageError, SourceCode, VisionError
from grok_vision.images import Images, Policy
from grok_vision.images.decode import open_picture
from grok_vision.images.formats import sniff
from grok_vision.images.worker import run_apart
from tests import hostile, outcomes
from tests.documents import pdf, stream
from tests.fake_xai import FakeXAI
from tests.support import describe, encoded, error_text, noise, quadrants, structured

CODES = {"sent", *get_args(ImageCode), *get_args(SourceCode)}
SMALL, BOMBS, BURDENED, TAGGED, FINDS = (
    hostile.small(),
    hostile.bombs(),
    hostile.burdened(),
    hostile.tagged(),
    hostile.finds(),
)
REFUSED = {"too_many_pixels", "damaged_image"}

needs_pdf = pytest.mark.skipif(
    importlib.util.find_spec("pypdfium2") is None, reason="needs [formats]"
)


async def found_of(files: Sequence[bytes]) -> list[str]:
    """Return what becomes of the files in a worker: no crash and no hang, or this raises."""
    return await run_apart(
        outcomes.outcomes,
        files,
        returns=list[str],
        limiter=anyio.CapacityLimiter(1),
        may_open_files=True,
        kill_after=60.0,
    )


@pytest.mark.parametrize("data", SMALL.values(), ids=SMALL)
async def test_a_small_file_of_every_format_is_sent(data: bytes) -> None:
    assert await found_of([data]) == ["sent"]


@pytest.mark.parametrize("data", SMALL.values(), ids=SMALL)
async def test_a_file_cut_off_at_any_byte_is_refused_or_sent_with_nothing_beside_it(
    data: bytes,
) -> None:
    found = await found_of(list(hostile.cut(data)))
    assert set(found) <= CODES
    assert found[:3] == ["not_an_image"] * 3
    assert found.count("damaged_image") > len(found) // 10


@pytest.mark.parametrize("data", SMALL.values(), ids=SMALL)
async def test_a_file_with_changed_bits_is_refused_or_sent_with_nothing_beside_it(
    data: bytes,
) -> None:
    found = await found_of(list(hostile.flipped(data, 150)))
    assert set(found) <= CODES
    assert len(set(found)) > 1


@pytest.mark.parametrize("name", [*BURDENED, *TAGGED])
async def test_whatever_a_file_carries_only_its_picture_is_sent(name: str) -> None:
    assert await found_of([{**BURDENED, **TAGGED}[name]]) == ["sent"]


@pytest.mark.parametrize("data", FINDS.values(), ids=FINDS)
async def test_what_is_sent_is_a_picture_that_can_be_read(data: bytes) -> None:
    assert await found_of([data]) in (["damaged_image"], ["sent"])


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused(name: str) -> None:
    (found,) = await found_of([BOMBS[name]])
    assert found in REFUSED


# In kB. What `getrusage` tells would begin with the memory of the process that started this one.
MEASURE = """
import pickle, re, sys
from pathlib import Path
from tests import outcomes

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

small, bombs = pickle.load(sys.stdin.buffer)
outcomes.outcomes(small)
before = peak()
for name, data in bombs.items():
    outcomes.outcome(data)
    if peak() - before > 100_000:
        print(name, "takes", (peak() - before) // 1000, "MB")
        before = peak()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_bomb_is_given_the_memory_it_asks_for() -> None:
    measured = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE],
        input=pickle.dumps((list(SMALL.values()), BOMBS)),
        capture_output=True,
        cwd=Path(__file__).parent.parent,
        check=True,
    )
    assert measured.stdout.decode() == ""


def _forms() -> bytes:
    form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A {} 0 R >> >>"
    return pdf(
        b"/A Do /A Do",
        page="/Resources << /XObject << /A 10 0 R >> >>",
        more=[stream(b"/A Do /A Do /A Do", form.format(number)) for number in range(11, 40)],
    )


@needs_pdf
@pytest.mark.parametrize("data", [_forms(), pdf(b"0 0 m 99 99 l S\n" * 1_000_000)])
async def test_a_document_that_is_drawn_without_end_is_killed_for_time_or_memory(
    data: bytes,
) -> None:
    work = partial(outcomes.sent, data)
    with pytest.raises(ImageError) as caught:
        await run_apart(work, returns=list[bytes], limiter=anyio.CapacityLimiter(1), kill_after=1.0)
    assert caught.value.code in REFUSED


@pytest.fixture
def images() -> Images:
    return Images(
        Policy(roots=(), max_bytes=20 * 1024**2, max_pixels=100_000_000, fetch_deadline=5.0)
    )


def uri(data: bytes) -> str:
    return "data:image/png;base64," + b64encode(data).decode()


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_at_the_door(images: Images, name: str) -> None:
    with pytest.raises(VisionError) as caught:
        await images.prepare([uri(BOMBS[name])], limits=outcomes.LIMITS, detail="auto")
    assert caught.value.code in REFUSED


@pytest.mark.parametrize("name", [*BURDENED, *TAGGED])
async def test_only_the_picture_leaves_the_door(images: Images, name: str) -> None:
    (prepared,) = await images.prepare(
        [uri({**BURDENED, **TAGGED}[name])], limits=outcomes.LIMITS, detail="auto"
    )
    for part in prepared.parts:
        assert outcomes.beside_the_picture(part.data) == []


@pytest.mark.parametrize("name", ["PNG 30000", "WEBP 16000x11000", "5000 scans", "100,000 tEXt"])
async def test_nothing_is_sent_of_a_bomb(xai: FakeXAI, folder: Path, name: str) -> None:
    (folder / "shot.png").write_bytes(BOMBS[name])
    text = error_text(await describe(xai, folder, str(folder / "shot.png")))
    assert text.split("]")[0][1:] in REFUSED
    assert xai.requests == []


@pytest.mark.parametrize("name", ["PNG and ZIP", "JPEG and HTML", "GIF and script"])
async def test_of_a_file_that_is_two_kinds_at_once_only_the_picture_is_sent(
    xai: FakeXAI, folder: Path, name: str
) -> None:
    (folder / "shot.png").write_bytes(BURDENED[name])
    structured(await describe(xai, folder, str(folder / "shot.png")))
    (picture,) = xai.requests[-1].images
    assert outcomes.beside_the_picture(picture.data) == []


MAGIC = [data[:12] for data in SMALL.values()] + [b"BM", b"\0\0\2\0", b"\x1f\x8b\x08", b"<svg"]


@given(start=st.sampled_from(MAGIC), rest=st.binary(max_size=300))
def test_the_first_bytes_are_told_apart_or_refused(start: bytes, rest: bytes) -> None:
    try:
        found = sniff(start + rest)
    except ImageError as error:
        found = error.code
    assert found.isupper() or found in {"not_an_image", "unsupported_format"}


SIZES = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1])


@given(
    width=SIZES,
    height=SIZES,
    make=st.sampled_from(["png", "png 1 bit", "gif", "webp", "bmp", "tiff", "jpeg", "ico"]),
)
def test_no_claim_of_a_size_passes_the_limits(width: int, height: int, make: str) -> None:
    short, signed = min(width, 65_535), min(height, 2**31 - 1)
    files = {
        "png": lambda: hostile.png(width, height),
        "png 1 bit": lambda: hostile.png(width, height, 0, 1),
        "gif": lambda: hostile.gif(short, min(height, 65_535)),
        "webp": lambda: hostile.webp(short % 16_384 + 1, height % 16_384 + 1),
        "bmp": lambda: hostile.bmp(min(width, 2**31 - 1), signed),
        "tiff": lambda: hostile.tiff(width, height),
        "jpeg": lambda: hostile.jpeg_claiming(short, min(height, 65_535)),
        "ico": lambda: hostile.ico(hostile.png(width, height)),
    }
    pixels, refusal = 1, "damaged_image"
    try:
        picture = open_picture(files[make](), max_pixels=outcomes.MAX_PIXELS)
        pixels = picture.width * picture.height
    except VisionError as error:
        refusal = error.code
    assert 0 < pixels <= outcomes.MAX_PIXELS
    assert refusal in {*REFUSED, "unsupported_format"}


@pytest.mark.parametrize(
    ("data", "beside"),
    [
        (hostile.JPEG + b"x", ["trailing bytes"]),
        (encoded(noise(8, 8), "JPEG", comment=b"x"), ["segment 0xfe", "comment"]),
        (encoded(quadrants(), "PNG", dpi=(72, 72)), ["pHYs"]),
        (encoded(quadrants(), "PNG", exif=Image.Exif().tobytes()), ["eXIf", "exif"]),
        (encoded(quadrants(), "PNG") + b"x", ["trailing bytes"]),
        (encoded(noise(8, 8), "JPEG", xmp=b"x"), ["segment 0xe1", "xmp"]),
    ],
)
def test_the_look_beside_the_picture_sees_what_is_there(data: bytes, beside: list[str]) -> None:
    assert outcomes.beside_the_picture(data) == beside
    assert Image.open(BytesIO(data)).size
