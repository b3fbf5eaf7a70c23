"""Reads the text in a picture with RapidOCR, whose models come inside its package."""

import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import rapidocr
from PIL import Image, ImageChops
from rapidocr.utils.output import RapidOCROutput

from grok_vision.local.layout import Line
from grok_vision.local.strips import Strip, joined, strips
from grok_vision.texts import printable

_THREADS = 2
_WIDEST = 4096  # pixels; letters of wider pictures stay readable when reduced to this
_MARGIN = 16  # pixels around the picture: letters at the very edge are missed without it
_GRID = 32  # the detector scales its input to a multiple of this, which blurs it
_SMALLEST = 368  # pixels a side; the detector doubles it, and enlarges smaller ones beyond use
_NOISE = 8  # levels of 255 by which background may differ
_NARROWEST = 4  # a side is at least this part of the other, or the detector enlarges without end


class Reader:
    """The text reader. Its models are loaded by the first reading."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        models = Path(rapidocr.__file__).parent / "models"
        self._recogniser = _model(models, "rec")
        self._ocr = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                # Icons are read as letters, but without confidence.
                "Global.text_score": 0.6,
                # Turns some short lines of user interfaces upside down: 1.5 % errors, not 0.5 %.
                "Global.use_cls": False,
                # Strips and margins are made here, with the letters at their own size.
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # Without a path it looks the file up online when its checksum differs.
                "Det.model_path": _model(models, "det"),
                "Rec.model_path": self._recogniser,
            }
        )

    def read(self, image: Image.Image, stop: threading.Event) -> tuple[Line, ...]:
        """Reads all lines of text.

        Args:
            image: An RGB picture of any size.
            stop: Once set, nobody waits for the answer: the strips left are not read.

        Returns:
            The lines with boxes in pixels of `image`, in no particular order.
        """
        scale = min(1.0, _WIDEST / image.width)
        page = image if scale == 1 else image.resize(_scaled(image.size, scale))
        with self._busy:
            readings = [
                (strip, self._strip(page, strip))
                for strip in strips(*page.size)
                if not stop.is_set()
            ]
        return tuple(_on_image(line, image, scale) for line in joined(readings))

    @cached_property
    def letters(self) -> frozenset[str]:
        """The characters that it knows. It takes any other for one of these, or for none."""
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        model = onnxruntime.InferenceSession(
            self._recogniser, options, providers=["CPUExecutionProvider"]
        )
        return frozenset(model.get_modelmeta().custom_metadata_map["character"].splitlines())

    def _strip(self, page: Image.Image, strip: Strip) -> tuple[Line, ...]:
        part = page.crop((0, strip.top, page.width, strip.top + strip.height))
        box = _content(part)
        if box is None:
            return ()
        found = self._ocr(_canvas(part.crop(box), _ground(part)))
        # Other types stand for other steps; all of them have been done where text was found.
        if not isinstance(found, RapidOCROutput) or found.boxes is None:
            return ()
        left, top = box[0] - _MARGIN, box[1] - _MARGIN + strip.top
        return tuple(
            _line(text, corners + np.array((left, top)), score)
            for text, corners, score in zip(
                found.txts or (), found.boxes, found.scores or (), strict=True
            )
        )


def _model(folder: Path, task: str) -> str:
    found = sorted(folder.glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        message = f"rapidocr holds no {task} model"
        raise ImportError(message)
    return str(found[-1])


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


def _line(text: str, corners: Any, score: float) -> Line:
    left, upper = (float(value) for value in corners.min(axis=0))
    right, lower = (float(value) for value in corners.max(axis=0))
    return Line(
        text=printable(text.strip()),
        x=round(left),
        y=round(upper),
        width=round(right - left),
        height=round(lower - upper),
        score=float(score),
    )


def _on_image(line: Line, image: Image.Image, scale: float) -> Line:
    """The line in pixels of the picture, its box cut to the picture's edges."""
    left, upper = max(0, round(line.x / scale)), max(0, round(line.y / scale))
    right = min(image.width, round(line.right / scale))
    lower = min(image.height, round((line.y + line.height) / scale))
    return Line(line.text, left, upper, right - left, lower - upper, line.score)
