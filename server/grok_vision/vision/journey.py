"""The journey of a call: one short function for each tool. Knows nothing of MCP."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import anyio
import anyio.to_thread
from pydantic import JsonValue

from grok_vision.answers import JsonReader, check_seen, read_text
from grok_vision.chat import compose, words
from grok_vision.errors import ProviderError, VisionError
from grok_vision.images import Images
from grok_vision.providers import considered, endpoint
from grok_vision.results import Description, Estimate, Extraction, ListedModel
from grok_vision.schemas import translated
from grok_vision.settings import Settings
from grok_vision.texts import sendable
from grok_vision.tokens import estimate
from grok_vision.vision.asking import Asking, priced
from grok_vision.vision.call import Call
from grok_vision.vision.expectation import check_count
from grok_vision.vision.extracted import extraction
from grok_vision.vision.parts import labels_of
from grok_vision.vision.rounds import Rounds
from grok_vision.vision.wanted import wanted_of
from grok_vision.vocabulary import Detail, Preset, Task


class Journey:
    """What every tool and command goes through."""

    def __init__(
        self,
        settings: Settings,
        *,
        images: Images,
        asking: Asking,
    ) -> None:
        self._settings = settings
        self._images = images
        self._asking = asking

    async def aclose(self) -> None:
        """Close the connections to providers."""
        await self._asking.relay.aclose()

    async def catalogue(self, *, complete: bool = False) -> tuple[ListedModel, ...] | None:
        """Return the models that the configured endpoint lists, or None where it has no list.

        Nothing is paid. `complete` asks for more than one list where each tells only a part.

        Raises:
            VisionError: what is wrong, with its code.
        """
        with _deadline(self._settings.deadline):
            return await self._asking.relay.catalogue(endpoint(self._settings), complete=complete)

    async def estimate_tokens(
        self,
        images: Sequence[str],
        *,
        prompt: str = "",
        model: str = "",
        detail: Detail = "auto",
        max_output_tokens: int = 0,
    ) -> Estimate:
        """Return what a call with these pictures would use and cost; only headers are read.

        No key is needed, and nothing is sent to a provider.

        Raises:
            VisionError: every failure, with its code.
        """
        with _deadline(self._settings.deadline):
            choice = await priced(considered(self._settings, sendable(model)))
            check_count(choice.provider, len(images))
            measured = await self._images.measure(
                images,
                limits=choice.images,
                detail=detail,
                provider_fetches=choice.fetches_urls,
            )
            request = compose(
                choice.provider,
                choice.profile,
                words=words("describe", sendable(prompt)),
                pictures=(),
            )
            correction = await self._asking.correction(choice)
        result = estimate(
            choice,
            measured,
            words=request.texts,
            labels=[
                label for labels in labels_of([one.regions for one in measured]) for label in labels
            ],
            detail=detail,
            max_output_tokens=max_output_tokens,
            correction=correction,
        )
        told = [warning for picture in measured for warning in picture.warnings]
        result = result.model_copy(update={"warnings": [*result.warnings, *told]})
        return self._asking.held_against_limit(result, choice)

    async def describe_image(
        self,
        image: str,
        *,
        prompt: str = "",
        task: Task = "describe",
        detail: Detail = "auto",
        model: str = "",
        max_tokens: int = 0,
    ) -> Description:
        """Describe the picture that `image` names, as `task` and `prompt` ask.

        Raises:
            VisionError: every failure, with its code.
        """
        with _deadline(self._settings.deadline):
            call = await self._prepared([image], detail, model)
            request = compose(
                call.target.provider,
                call.choice.profile,
                words=words(task, sendable(prompt)),
                pictures=call.parts,
                max_tokens=max_tokens,
            )
            expected = call.expect(request, max_tokens)
            completion, used = await self._asking.ask(call.target, call.choice, request, expected)
        await self._asking.learn(call.choice.answered_by(completion.model), expected, used)
        provider = call.target.provider
        answer = read_text(completion, provider=provider.title)
        told = check_seen(used, provider)
        ignored = _ignored(task, prompt) if call.target.offline else ()
        return Description(
            text=answer.text,
            truncated=answer.truncated,
            finish_reason=completion.finish_reason or None,
            model=completion.model or call.choice.profile.name,
            provider=provider.name,
            usage=used,
            images=call.sent,
            warnings=[*call.choice.warnings, *told, *ignored, *call.warnings],
        )

    async def extract_json(
        self,
        images: Sequence[str],
        *,
        schema: Mapping[str, JsonValue],
        preset: Preset | Literal[""] = "",
        prompt: str = "",
        detail: Detail = "auto",
        model: str = "",
    ) -> Extraction:
        """Read the pictures, which are one document, as JSON that fits a schema or a preset.

        An empty `schema` without a preset is any JSON. An answer that does not fit is returned as
        such: it was paid for.

        Raises:
            VisionError: every failure before the first answer, with its code.
        """
        rounds: Rounds | None = None
        wanted = await anyio.to_thread.run_sync(wanted_of, schema, preset, sendable(prompt))
        try:
            with _deadline(self._settings.deadline):
                call = await self._prepared(images, detail, model)
                translation = await anyio.to_thread.run_sync(
                    translated, wanted.schema, call.target.provider, abandon_on_cancel=True
                )
                request = compose(
                    call.target.provider,
                    call.choice.profile,
                    words=wanted.words(translation),
                    pictures=call.parts,
                    as_json=True,
                    response_format=translation.response_format,
                )
                rounds = Rounds(self._asking, call, request, JsonReader(wanted.schema, translation))
                await rounds.ask()
        except VisionError as error:
            if rounds is None or not rounds.answers:
                raise
            rounds.failed(error)
        await rounds.learn()
        return extraction(wanted, rounds)

    async def _prepared(self, images: Sequence[str], detail: Detail, model: str) -> Call:
        """Return what a call works with, its pictures ready to be sent."""
        target = endpoint(self._settings)
        choice = await priced(target.choose(sendable(model)))
        check_count(target.provider, len(images))
        prepared = await self._images.prepare(
            images,
            limits=choice.images,
            detail=detail,
            provider_fetches=choice.fetches_urls,
        )
        correction = await self._asking.applied_correction(choice)
        return Call(target, choice, prepared, detail, correction)


def _ignored(task: Task, prompt: str) -> tuple[str, ...]:
    if task in {"describe", "read_text"} and not prompt.strip():
        return ()
    return ("the offline engine follows no instructions: prompt and task were not used.",)


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    with anyio.move_on_after(seconds) as scope:
        yield
    if scope.cancelled_caught:
        raise ProviderError(
            "timeout",
            f"the call took longer than {seconds:g} s in all; try fewer or smaller pictures, or a "
            "faster model, or raise GROK_VISION_DEADLINE.",
        )
