"""One comparison: measured in pixels, then looked at by a model where they differ."""

from collections.abc import Awaitable, Callable, Sequence

import anyio
import anyio.to_thread

from grok_vision.answers import JsonReader
from grok_vision.chat import comparison_words, compose
from grok_vision.errors import ConfigurationError, VisionError
from grok_vision.images import Images, OpenedImage
from grok_vision.local import missing
from grok_vision.providers import Choice, Endpoint
from grok_vision.schemas import translated
from grok_vision.spans import span
from grok_vision.texts import counted
from grok_vision.vision.asking import Asking
from grok_vision.vision.call import Call
from grok_vision.vision.closeups import chosen
from grok_vision.vision.deadline import deadline
from grok_vision.vision.drawings import Saver
from grok_vision.vision.figures import for_model
from grok_vision.vision.measuring import Measured, Measuring, Seen
from grok_vision.vision.outcome import Drawing
from grok_vision.vision.question import Question
from grok_vision.vision.rounds import Rounds
from grok_vision.vision.seen import comparison_schema
from grok_vision.vision.showing import Shown, as_sheet, needs_sheet, with_closeups
from grok_vision.watch import Watch

_SET_KEY = "set XAI_API_KEY, or another provider, for words on what differs"
_OFFLINE = (
    f"{_SET_KEY}, or install the offline engine, which reads text that changed: "
    '`pip install "grok-vision-mcp[local]"`.'
)

Able = Callable[[], Awaitable[tuple[Endpoint, Choice]]]
"""Tells who can be asked, or raises why nobody can be."""


class Comparing:
    """One comparison. What was measured holds also where a model is asked in vain.

    Attributes:
        question: What is asked.
        opened: The pictures with their bytes, once they are here.
        reference: The first of them, once it is measured; None before.
        measured: The others, against it.
        drawings: The pictures of what changed.
        shown: What the model was shown, where one was asked.
        rounds: What it answered.
        warnings: What the caller should know of all that.
    """

    def __init__(
        self,
        images: Images,
        asking: Asking,
        saver: Saver,
        question: Question,
        turns: anyio.CapacityLimiter,
        watch: Watch,
    ) -> None:
        self._images = images
        self._watch = watch
        self._turns = turns
        self._asking = asking
        self._saver = saver
        self.question = question
        self.opened: Sequence[OpenedImage] = ()
        self.reference: Seen | None = None
        self.measured: Sequence[Measured] = ()
        self.drawings: list[Drawing] = []
        self.shown: Shown | None = None
        self.rounds: Rounds | None = None
        self.warnings: list[str] = []

    async def run(self, able: Able, *, seconds: float) -> None:
        """Measure, and ask where that is wanted, within so many seconds.

        Raises:
            VisionError: what is wrong with a picture, or why the model that had to be asked did not
                answer.
        """
        self.question.check()
        try:
            with deadline(seconds):
                asked = await self._asked(able)
                choice = asked[1] if isinstance(asked, tuple) else None
                await self._measure(choice)
                if self._is_open and isinstance(asked, VisionError):
                    raise asked
                if isinstance(asked, tuple) and self._is_open_to(asked[0]):
                    await self._ask(*asked)
                elif isinstance(asked, tuple) and self._differ:
                    self.warnings.append(f"no vision model was asked: {_SET_KEY}.")
        except VisionError as error:
            if self.rounds is not None and self.rounds.answers:
                self.rounds.failed(error)
            elif self.reference is None or self.question.mode == "model":
                raise
            else:
                self.warnings.append(_unasked(error))
        if self.rounds is not None:
            await self.rounds.learn()

    async def _asked(self, able: Able) -> tuple[Endpoint, Choice] | VisionError | None:
        """Return who would be asked, None for nobody, or why nobody can be."""
        if self.question.mode == "pixels":
            return None
        try:
            target, choice = await able()
            if target.offline and missing():
                raise ConfigurationError("missing_key", _OFFLINE)
        except VisionError as error:
            if self.question.mode == "model":
                raise
            # It may not be needed: pictures that are the same are told for nothing.
            return error
        return target, choice

    async def _measure(self, choice: Choice | None) -> None:
        """Measure all pictures, and draw what changed; `choice` is the model that may be asked.

        Raises:
            VisionError: what is wrong with a picture, naming it.
        """
        measures = self.question.measures(choice)
        self._watch.stage(f"comparing {counted(len(self.question.images), 'picture')}")
        self.opened = await self._images.open(self.question.images)
        with span("compare", pictures=len(self.opened)):
            async with self._turns:
                measuring = Measuring(self._images, measures)
                self.reference, self.measured = await measuring.measure(self.opened)
        for one in self.measured:
            await self._draw(one)

    def _is_open_to(self, target: Endpoint) -> bool:
        """Whether it is to be asked: the offline engine only what reading can tell."""
        if not target.offline:
            return self._is_open
        found = [one.difference for one in self.measured]
        return any(one.verdict == "different" and one.scale is None for one in found)

    @property
    def _is_open(self) -> bool:
        """Whether a model is to be asked: where something changed, or in any case."""
        mode = self.question.mode
        return mode == "model" or (mode == "auto" and self._differ)

    @property
    def _differ(self) -> bool:
        return any(one.difference.verdict == "different" for one in self.measured)

    async def _ask(self, target: Endpoint, choice: Choice) -> None:
        """Ask the model what differs.

        Raises:
            VisionError: why it did not answer.
        """
        if self.reference is None:
            raise RuntimeError("nothing was measured")
        detail = self.question.detail
        self.shown = await self._shown(self.reference, choice)
        schema = comparison_schema(len(self.opened))
        translation = await anyio.to_thread.run_sync(translated, schema, target.provider)
        correction = await self._asking.applied_correction(choice)
        shown = self.shown
        call = Call(target, choice, shown.prepared, shown.parts, detail, correction, self._watch)
        request = compose(
            target.provider,
            choice.profile,
            words=comparison_words(
                self.question.prompt,
                [for_model(one.difference) for one in self.measured],
                translation.words,
            ),
            pictures=shown.parts,
            as_json=True,
            response_format=translation.response_format,
        )
        self.rounds = Rounds(self._asking, call, request, JsonReader(schema, translation))
        await self.rounds.ask()

    async def _shown(self, reference: Seen, choice: Choice) -> Shown:
        detail = self.question.detail
        seen = [reference, *(one.seen for one in self.measured)]
        if needs_sheet(choice, len(self.opened)):
            shown = await as_sheet(self._images, seen, choice, detail)
        else:
            picked = chosen(reference, self.measured, choice, detail)
            shown = await with_closeups(self._images, self.opened, seen, picked, choice, detail)
        most = choice.images.max_images
        is_lacking = most is not None and not shown.closeups and len(self.opened) >= most
        if is_lacking and any(one.closeups for one in self.measured):
            self.warnings.append(
                f"no changed region was shown enlarged, since {choice.provider.title} takes "
                f"{most} of this model's pictures in a call: small changes may not be told."
            )
        return shown

    async def _draw(self, measured: Measured) -> None:
        if measured.drawing is None:
            return
        image = measured.difference.image
        try:
            path = await self._saver.save(measured.drawing, image)
            self.drawings.append(Drawing(image, path, measured.drawing))
        except VisionError as error:
            self.warnings.append(str(error))


def _unasked(error: VisionError) -> str:
    """Return what is told where pixels alone must do."""
    if error.message == _OFFLINE:
        return f"no vision model was asked: {_OFFLINE}"
    return f"only pixels were compared, because no model answered: {error}"
