"""Preparing a picture for xAI: time against its unavoidable steps, peak memory, and bytes out.

Run: python benchmarks/prepare.py [--rounds N] [part of a case's name ...]

Ours is called through the door of the image room. The floor is a minimal Pillow script in the same
process: it reads the file, decodes it (a JPEG at a fraction), resizes once with LANCZOS and encodes
once as ours did, with the same tables; of a picture that is passed on as it is, it reads the file
and decodes it to see that it can be. The two take turns; the figure is the ratio of the medians. A
room is new in each round and has prepared a small picture of the format, so that neither its cache
nor the start of a worker process counts.

Memory is measured in a fresh process that has prepared the small picture: how far the peaks of it
and of its workers rise above what they held (Linux only). It counts the file itself, too. "x" is
that peak without three times the bytes sent, by the size of the decoded picture at 4 bytes a pixel,
a JPEG's as it is decoded at a fraction: 2.5 at most is wanted. Pictures are drawn with seeds.
"""

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, JpegImagePlugin

from grok_vision.images import Images, Policy, PreparedImage, SentPart
from grok_vision.providers import considered
from grok_vision.settings import Settings

LIMITS = considered(Settings(), "grok-4.6").images

MEMORY = "--memory"  # runs this script as the process whose memory is measured
POLICY = Policy(roots=None, max_bytes=2**26, max_pixels=100_000_000, fetch_deadline=1.0)
SIZES = {12: (4000, 3000), 48: (8000, 6000)}  # megapixels

Options = dict[str, object]


@dataclass(frozen=True)
class Case:
    """A picture to prepare: how it is drawn, and the format it is saved in."""

    draw: Callable[[], Image.Image]
    format: str
    options: Options

    def save(self, image: Image.Image, path: Path) -> None:
        """Writes the picture in the format of the case."""
        image.save(path, self.format, **self.options)


def screenshot(scale: int) -> Callable[[], Image.Image]:
    def drawn() -> Image.Image:
        from pages import LIGHT, draw

        return draw("table", LIGHT, scale).image

    return drawn


def page() -> Image.Image:
    from pages import LIGHT, tall

    return tall(9000, LIGHT, 1).image


def photo(width: int, height: int) -> Callable[[], Image.Image]:
    def drawn() -> Image.Image:
        from pages import photograph

        return photograph(width, height)

    return drawn


CASES: dict[str, Case] = {
    "screenshot 1080p PNG": Case(screenshot(1), "PNG", {}),
    "screenshot 4K PNG": Case(screenshot(2), "PNG", {}),
    "tall page 1280x9000 PNG": Case(page, "PNG", {}),
    "photo 4K PNG": Case(photo(3840, 2160), "PNG", {}),
    "photo 12 MP JPEG": Case(photo(*SIZES[12]), "JPEG", {"quality": 92}),
    "photo 48 MP JPEG": Case(photo(*SIZES[48]), "JPEG", {"quality": 92}),
    "photo 12 MP progressive JPEG": Case(
        photo(*SIZES[12]), "JPEG", {"quality": 92, "progressive": True}
    ),
    "photo 12 MP WebP": Case(photo(*SIZES[12]), "WEBP", {"quality": 90, "method": 1}),
}


@dataclass(frozen=True)
class Shape:
    """What the floor has to make: a part's place in the source, its size, and how it is saved."""

    box: tuple[int, int, int, int]
    size: tuple[int, int]
    format: str
    options: Options


@contextlib.asynccontextmanager
async def room(small: Path) -> AsyncIterator[Images]:
    """Gives a new room whose worker, if the format has one, is already started."""
    images = Images(POLICY)
    try:
        await images.prepare([str(small)], limits=LIMITS, detail="auto")
        yield images
    finally:
        await images.aclose()


async def prepared(images: Images, path: Path) -> PreparedImage:
    return (await images.prepare([str(path)], limits=LIMITS, detail="auto"))[0]


def parts(sent: PreparedImage) -> list[SentPart]:
    return [part for part in sent.parts if isinstance(part, SentPart)]


def shape(part: SentPart, source: tuple[int, int]) -> Shape:
    image = Image.open(BytesIO(part.data))
    options: Options = {"compress_level": 1}
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(image)
        options = {"qtables": image.quantization, "subsampling": sampling}
    box = (0, 0, *source)
    if region := part.region:
        box = (region.x, region.y, region.x + region.width, region.y + region.height)
    return Shape(box, image.size, image.format or "", options)


def draft_size(shapes: list[Shape], source: tuple[int, int]) -> tuple[int, int]:
    """The size at which a JPEG is decoded: no part is enlarged."""
    scale = max(one.size[0] / (one.box[2] - one.box[0]) for one in shapes)
    return int(source[0] * scale), int(source[1] * scale)


def floor(path: Path, shapes: list[Shape], *, passed_on: bool) -> None:
    image = Image.open(BytesIO(path.read_bytes()))
    source = image.size
    image.draft(None, draft_size(shapes, source))
    image.load()
    if passed_on:
        return
    shrunk = image.width / source[0]
    for one in shapes:
        small = cut(image, one, shrunk)
        small.save(BytesIO(), one.format, **one.options)


def cut(image: Image.Image, one: Shape, shrunk: float) -> Image.Image:
    left, top, right, bottom = one.box
    if shrunk == 1 and one.size == (right - left, bottom - top):
        return image.crop(one.box)
    box = (left * shrunk, top * shrunk, right * shrunk, min(bottom * shrunk, image.height))
    return image.resize(one.size, Image.Resampling.LANCZOS, box=box)


def is_passed_on(sent: PreparedImage) -> bool:
    return not {"resized", "converted", "split"} & set(sent.report.changes)


async def measure(name: str, rounds: int, path: Path, small: Path) -> None:
    """Prints the row of one case."""
    header = Image.open(path)
    async with room(small) as images:
        sent = await prepared(images, path)
    shapes = [shape(part, header.size) for part in parts(sent)]
    ours: list[float] = []
    least: list[float] = []
    for _ in range(rounds):
        async with room(small) as images:
            started = time.perf_counter()
            await prepared(images, path)
            ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        floor(path, shapes, passed_on=is_passed_on(sent))
        least.append(time.perf_counter() - started)
    mine, its = statistics.median(ours) * 1000, statistics.median(least) * 1000
    sent_bytes = sum(len(part.data) for part in parts(sent))
    formats = "+".join(sorted({one.format for one in shapes}))
    print(
        f"{name:29} {path.stat().st_size / 1000:8,.0f} {sent_bytes / 1000:8,.0f} {formats:>5}"
        f" {len(shapes):5} {mine:8.1f} {its:8.1f} {mine / its:6.2f}"
        f" {memory(path, small, shapes, sent_bytes)}",
        flush=True,
    )


def memory(path: Path, small: Path, shapes: list[Shape], sent_bytes: int) -> str:
    """Peak above idle in MB, and as a multiple of the decoded picture."""
    command = [sys.executable, __file__, MEMORY, str(path), str(small)]
    peak = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    if not peak.strip():
        return f"{'-':>8} {'-':>6}"
    image = Image.open(path)
    image.draft(None, draft_size(shapes, image.size))
    decoded = image.width * image.height * 4
    return f"{int(peak) / 1e6:8.1f} {(int(peak) - 3 * sent_bytes) / decoded:6.2f}"


async def measure_memory(path: Path, small: Path) -> None:
    """Prints by how many bytes this process and its children rose; nothing where unknown."""
    if not Path("/proc/self/clear_refs").exists():
        return
    async with room(small) as images:
        before = {process: kilobytes(process, "VmRSS") for process in family()}
        for process in before:
            (process / "clear_refs").write_text("5")  # the peak starts anew
        sent = await prepared(images, path)
        peaks = {process: kilobytes(process, "VmHWM") for process in family()}
    rise = sum(peak - before.get(process, 0) for process, peak in peaks.items())
    assert sent.parts
    print(rise * 1024)


def family() -> Iterator[Path]:
    """This process and those it started, as folders of /proc."""
    waiting = [Path("/proc/self")]
    while waiting:
        process = waiting.pop()
        yield process
        for children in process.glob("task/*/children"):
            waiting += [Path("/proc") / child for child in children.read_text().split()]


def kilobytes(process: Path, name: str) -> int:
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(MEMORY, nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*", help="parts of the names of cases; all without")
    given = parser.parse_args()
    if given.memory:
        await measure_memory(*given.memory)
        return
    print(
        f"{'case':29} {'kB in':>8} {'kB out':>8} {'as':>5} {'parts':>5} {'ours ms':>8}"
        f" {'floor ms':>8} {'ratio':>6} {'peak MB':>8} {'x':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "picture", Path(folder) / "small"
        for name, case in CASES.items():
            if given.cases and not any(part in name for part in given.cases):
                continue
            case.save(case.draw(), path)
            case.save(Image.new("RGB", (64, 64), "#a0c0e0"), small)
            await measure(name, given.rounds, path, small)


if __name__ == "__main__":
    asyncio.run(main())
