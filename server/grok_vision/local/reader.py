"""Reads the text in a picture with RapidOCR, whose models come inside its package."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

# It would tell its makers about this machine and each model that is loaded (onnxruntime 1.31.1,
# Linux: names were looked up, and an identity was left in the user's cache). Read at its import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 - written, not read

import numpy as np
import onnxruntime
import rapidocr
from omegaconf import flag_override
from PIL import Image, ImageChops
from rapidocr.ch_ppocr_det import TextDetOutput

from grok_vision.local.layout import AnyLine, Line
from grok_vision.local.stacks import Spot
from grok_vision.local.strips import Strip, joined, strips
from grok_vision.texts import printable

_THREADS = 2
_WIDEST = 4096  # pixels; letters of wider pictures stay readable when reduced to this
_MARGIN = 16  # pixels around the picture: letters at the very edge are missed without it
_GRID = 32  # the detector scales its input to a multiple of this, which blurs it
_SMALLEST = 368  # pixels a side; the detector doubles it, and enlarges smaller ones beyond use
_NOISE = 8  # levels of 255 by which background may differ
_NARROWEST = 4  # a side is at least this part of the other, or the detector enlarges without end
_SCORE = 0.6  # icons are read as letters, but without confidence
_BATCH = 6  # lines that are recognised at once; the library's own number


class Reader:
    """The text reader; it loads its models."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        models = Path(rapidocr.__file__).parent / "models"
        self._recogniser = _model(models, "rec")
        self._ocr = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                # Turns some short lines of user interfaces upside down: 1.5 % errors, not 0.5 %.
                "Global.use_cls": False,
                # Lines are found here, and read apart: not all of them have to be.
                "Global.use_rec": False,
                # Strips and margins are made here, with the letters at their own size.
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
            }
        )
        # Given as they are: the library would look up online a file whose checksum differs, and it
        # has no option that keeps threads from spinning.
        with flag_override(self._ocr.cfg, "allow_objects", True):
            self._ocr.cfg.Det.session = _session(_model(models, "det"))
            self._ocr.cfg.Rec.session = _session(self._recogniser)

    def read(self, image: Image.Image, stop: threading.Event) -> tuple[Line, ...]:
        """Reads all lines of text.

        Args:
            image: An RGB picture of any size.
            stop: Once set, nobody waits for the answer: the strips left are not read.

        Returns:
            The lines with boxes in pixels of `image`, in no particular order.
        """
        scale, page = _reduced(image)
        with self._busy:
            readings = [
                (strip, tuple(self._recognised(self._spots(page, strip), stop)))
                for strip in strips(*page.size)
                if not stop.is_set()
            ]
        return tuple(_on_image(line, image, scale) for line in joined(readings))

    def find(self, image: Image.Image, stop: threading.Event) -> tuple[Spot, ...]:
        """Finds all lines of text as `read` does, but reads none: that takes most of the time."""
        scale, page = _reduced(image)
        with self._busy:
            found = [
                (strip, self._spots(page, strip))
                for strip in strips(*page.size)
                if not stop.is_set()
            ]
        return tuple(_on_image(spot, image, scale) for spot in joined(found))

    def recognise(self, spots: Sequence[Spot], stop: threading.Event) -> tuple[Line, ...]:
        """Reads lines that were found; those that hold no text are left out."""
        with self._busy:
            return tuple(self._recognised(spots, stop))

    @cached_property
    def letters(self) -> frozenset[str]:
        """The characters that it knows. It takes any other for one of these, or for none."""
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        model = onnxruntime.InferenceSession(
            self._recogniser, options, providers=["CPUExecutionProvider"]
        )
        return frozenset(model.get_modelmeta().custom_metadata_map["character"].splitlines())

    def _spots(self, page: Image.Image, strip: Strip) -> tuple[Spot, ...]:
        part = page.crop((0, strip.top, page.width, strip.top + strip.height))
        box = _content(part)
        if box is None:
            return ()
        canvas = _canvas(part.crop(box), _ground(part))
        found = self._ocr(canvas)
        if not isinstance(found, TextDetOutput) or found.boxes is None:
            return ()
        left, top = box[0] - _MARGIN, box[1] - _MARGIN + strip.top
        crops = self._ocr.crop_text_regions(canvas, found.boxes)
        return tuple(
            _spot(corners + np.array((left, top)), pixels)
            for corners, pixels in zip(found.boxes, crops, strict=True)
        )

    def _recognised(self, spots: Sequence[Spot], stop: threading.Event) -> Iterator[Line]:
        """Yields the lines, read in batches of like length, until nobody waits for more."""
        ordered = sorted(spots, key=lambda spot: spot.pixels.shape[1] / spot.pixels.shape[0])
        for first in range(0, len(ordered), _BATCH):
            if stop.is_set():
                return
            batch = ordered[first : first + _BATCH]
            read = self._ocr.recognize_txt([spot.pixels for spot in batch])
            for spot, text, score in zip(batch, read.txts or (), read.scores or (), strict=True):
                if text.strip() and score >= _SCORE:
                    box = spot.x, spot.y, spot.width, spot.height
                    yield Line(printable(text.strip()), *box, score=float(score))


def _session(model: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # Threads that wait for each other by spinning take a third more of the processor, and with
    # three processes at work half more of the time (2 cores, 2026-11-22).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _model(folder: Path, task: str) -> str:
    found = sorted(folder.glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        message = f"rapidocr holds no {task} model"
        raise ImportError(message)
    return str(found[-1])


def _reduced(image: Image.Image) -> tuple[float, Image.Image]:
    scale = min(1.0, _WIDEST / image.width)
    return scale, image if scale == 1 else image.resize(_scaled(image.size, scale))


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    width, height = size
    return round(width * scale), max(1, round(height * scale))


def _ground(part: Image.Image) -> tuple[int, ...]:
    """The colour of the picture's first corner, which is taken for its background."""
    red, green, blue = part.crop((0, 0, 1, 1)).tobytes()
    return red, green, blue


def _content(part: Image.Image) -> tuple[int, int, int, int] | None:
    """The part that is not just background: the detector overlooks a word alone on a large page."""
    blank = Image.new("RGB", part.size, _ground(part))
    difference = ImageChops.difference(part, blank).convert("L")
    return difference.point([255 * (level > _NOISE) for level in range(256)]).getbbox()


def _canvas(part: Image.Image, ground: tuple[int, ...]) -> Any:  # numpy's own type says no more
    """The picture with a margin in its own colour, as rows of BGR pixels."""
    longest = max(part.size)
    width, height = (
        _up(max(side + 2 * _MARGIN, longest // _NARROWEST, _SMALLEST)) for side in part.size
    )
    canvas = Image.new("RGB", (width, height), ground)
    canvas.paste(part, (_MARGIN, _MARGIN))
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


def _up(side: int) -> int:
    return -(-side // _GRID) * _GRID


def _spot(corners: Any, pixels: Any) -> Spot:
    left, upper = (float(value) for value in corners.min(axis=0))
    right, lower = (float(value) for value in corners.max(axis=0))
    box = round(left), round(upper), round(right - left), round(lower - upper)
    return Spot("", *box, pixels=pixels)


def _on_image(line: AnyLine, image: Image.Image, scale: float) -> AnyLine:
    """The line in pixels of the picture, its box cut to the picture's edges."""
    left, upper = max(0, round(line.x / scale)), max(0, round(line.y / scale))
    right = min(image.width, round(line.right / scale))
    lower = min(image.height, round((line.y + line.height) / scale))
    return replace(line, x=left, y=upper, width=right - left, height=lower - upper)
