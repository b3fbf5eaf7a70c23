"""Comparing two screenshots by their pixels: time over decoding both, and peak memory.

Run: python benchmarks/compare.py [--rounds N] [part of a case's name ...]

Ours is a whole call with mode=pixels: both files read and decoded, compared, and what changed
drawn and written. The floor is Pillow in the same process, which reads and decodes both files one
after the other. The two take turns; the figure is the ratio of the medians, and 1.3 is wanted of a
pair at 1080p with few changes. "least" is the ratio of the fastest rounds.

Memory is measured in a fresh process that has compared a small pair: how far its peak rises above
what it held (Linux only). "x" is that rise by the size of both decoded pictures at 4 bytes a pixel.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps
from prepare import MEMORY, family, kilobytes, screenshot

from grok_vision.results import Comparison
from grok_vision.settings import Settings
from grok_vision.vision import Vision, build_vision

Change = Callable[[Image.Image], Image.Image]


def few(image: Image.Image) -> Image.Image:
    """Some cells of the table hold what stood in others."""
    changed = image.copy()
    width, height = image.size
    for column, row in ((0.2, 0.3), (0.5, 0.5), (0.8, 0.7)):
        left, top = round(column * width), round(row * height)
        cell = (left, top, left + width // 20, top + height // 40)
        changed.paste(ImageOps.invert(image.crop(cell)), cell[:2])
    return changed


def shifted(image: Image.Image) -> Image.Image:
    """A banner came in and pushed the rest down."""
    banner = image.height // 12
    changed = Image.new("RGB", image.size, "#fde68a")
    changed.paste(image, (0, banner))
    return changed


CHANGES: dict[str, tuple[str, Change]] = {
    "identical": ("identical", Image.Image.copy),
    "few changes": ("different", few),
    "shifted": ("different", shifted),
    "all changed": ("different", ImageOps.invert),
}
SCALES = {"1080p": 1, "4K": 2}


async def compared(vision: Vision, pair: tuple[Path, Path]) -> Comparison:
    journey = await vision.journey()
    return (await journey.compare_images(list(map(str, pair)), mode="pixels")).comparison


def floor(pair: tuple[Path, Path]) -> None:
    for path in pair:
        with Image.open(path) as image:
            image.load()


def built(folder: Path) -> Vision:
    return build_vision(Settings(output_dir=folder / "drawn"), any_file=True)


async def measure(name: str, rounds: int, pair: tuple[Path, Path], verdict: str) -> None:
    ours: list[float] = []
    its: list[float] = []
    async with built(pair[0].parent) as vision:
        for number in range(rounds + 2):
            started = time.perf_counter()
            found = await compared(vision, pair)
            between = time.perf_counter()
            floor(pair)
            if number >= 2:
                ours.append(between - started)
                its.append(time.perf_counter() - between)
    assert found.verdict == verdict, found.summary
    mine, least = statistics.median(ours) * 1000, min(ours) / min(its)
    theirs = statistics.median(its) * 1000
    print(
        f"{name:18} {mine:8.1f} {theirs:9.1f} {mine - theirs:8.1f} {mine / theirs:6.2f}"
        f" {least:6.2f} {memory(pair)}",
        flush=True,
    )


def memory(pair: tuple[Path, Path]) -> str:
    """Peak above idle in MB, and as a multiple of both decoded pictures."""
    command = [sys.executable, __file__, MEMORY, *map(str, pair)]
    peak = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    if not peak.strip():
        return f"{'-':>8} {'-':>5}"
    with Image.open(pair[0]) as image:
        decoded = 2 * 4 * image.width * image.height
    return f"{int(peak) / 1e6:8.1f} {int(peak) / decoded:5.2f}"


async def measure_memory(pair: tuple[Path, Path]) -> None:
    """Prints by how many bytes this process rose; nothing where unknown."""
    if not Path("/proc/self/clear_refs").exists():
        return
    small = tuple(path.with_name(f"small-{path.name}") for path in pair)
    async with built(pair[0].parent) as vision:
        await compared(vision, (small[0], small[1]))
        before = {process: kilobytes(process, "VmRSS") for process in family()}
        for process in before:
            (process / "clear_refs").write_text("5")  # the peak starts anew
        await compared(vision, pair)
        peaks = {process: kilobytes(process, "VmHWM") for process in family()}
    print(sum(peak - before.get(process, 0) for process, peak in peaks.items()) * 1024)


def draw(folder: Path, scale: int, change: Change) -> tuple[Path, Path]:
    """Saves a pair, and a small one beside it that differs, too."""
    before = screenshot(scale)().convert("RGB")
    pair = folder / "before.png", folder / "after.png"
    for path, image in zip(pair, (before, change(before)), strict=True):
        image.save(path)
        image.resize((64, 64)).save(path.with_name(f"small-{path.name}"))
    return pair


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument(MEMORY, nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*", help="parts of the names of cases; all without")
    given = parser.parse_args()
    if given.memory:
        await measure_memory(tuple(given.memory))
        return
    print(
        f"{'pair':18} {'ours ms':>8} {'decode ms':>9} {'above ms':>8} {'ratio':>6} {'least':>6}"
        f" {'peak MB':>8} {'x':>5}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for size, scale in SCALES.items():
            for words, (verdict, change) in CHANGES.items():
                name = f"{size} {words}"
                if given.cases and not any(part in name for part in given.cases):
                    continue
                pair = draw(Path(folder), scale, change)
                await measure(name, given.rounds, pair, verdict)


if __name__ == "__main__":
    asyncio.run(main())
