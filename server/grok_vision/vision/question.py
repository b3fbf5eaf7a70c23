"""What a caller wants to know of which pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.errors import ImageError, RequestError
from grok_vision.images import Crop, parse_crop
from grok_vision.providers import Choice
from grok_vision.texts import shortened
from grok_vision.vision.closeups import MOST_CLOSEUPS
from grok_vision.vision.measuring import Measures
from grok_vision.vision.showing import needs_sheet
from grok_vision.vocabulary import CompareMode, Detail

_MOST_IMAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be compared, and how; the first picture is the reference."""

    images: Sequence[str]
    prompt: str
    mode: CompareMode
    threshold: float
    ignore: Sequence[str]
    detail: Detail

    def check(self) -> None:
        """Make sure that it can be answered.

        Raises:
            RequestError: `bad_argument`, `too_many_images`.
        """
        if len(self.images) < 2:
            raise RequestError(
                "bad_argument", "images needs two pictures or more; the first is the reference."
            )
        if len(self.images) > _MOST_IMAGES:
            raise RequestError(
                "too_many_images",
                f"at most {_MOST_IMAGES} images are compared in a call, and these are "
                f"{len(self.images)}; compare them in several calls.",
            )
        if not 0 <= self.threshold <= 1:
            raise RequestError("bad_argument", "threshold lies between 0 and 1; 0.1 is usual.")

    def measures(self, choice: Choice | None) -> Measures:
        """Return by what is measured, and what is kept for the model, where one may be asked.

        Raises:
            ImageError: `bad_region` where something to ignore is no rectangle.
        """
        asks = choice is not None
        return Measures(
            threshold=self.threshold,
            ignore=[_crop(number, text) for number, text in enumerate(self.ignore, 1)],
            most_cuts=self._most_cuts if asks else 0,
            keep_whole=choice is not None and needs_sheet(choice, len(self.images)),
        )

    @property
    def _most_cuts(self) -> int:
        """How many regions of each picture may be shown: twice its share, as others have fewer."""
        return max(2, 2 * MOST_CLOSEUPS[self.detail] // (len(self.images) - 1))


def _crop(number: int, text: str) -> Crop:
    try:
        return parse_crop(text.replace(" ", ""))
    except ImageError:
        raise ImageError(
            "bad_region",
            f"ignore {number} ({shortened(text)}): it is no rectangle; write x,y,width,height in "
            "pixels of the reference, or percent:x,y,width,height.",
        ) from None
