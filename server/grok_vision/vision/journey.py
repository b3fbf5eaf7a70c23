"""The journey of a call: one short function for each tool. Knows nothing of MCP."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import anyio
import anyio.to_thread
from pydantic import JsonValue

from grok_vision.answers import JsonReader, check_seen, read_text
from grok_vision.chat import compose, words
from grok_vision.errors import VisionError
from grok_vision.images import Images, OpenedImage
from grok_vision.providers import Choice, Endpoint, considered, endpoint
from grok_vision.results import Description, Estimate, Extraction, ListedModel
from grok_vision.schemas import translated
from grok_vision.settings import Settings
from grok_vision.texts import counted, sendable
from grok_vision.vision.asking import Asking, priced
from grok_vision.vision.call import Call
from grok_vision.vision.comparing import Comparing
from grok_vision.vision.comparison import outcome
from grok_vision.vision.deadline import deadline
from grok_vision.vision.drawings import DrawingAt, Drawings
from grok_vision.vision.estimating import estimated
from grok_vision.vision.expectation import check_count
from grok_vision.vision.extracted import extraction
from grok_vision.vision.outcome import Outcome
from grok_vision.vision.paging import for_page
from grok_vision.vision.parts import parts_of
from grok_vision.vision.question import Question
from grok_vision.vision.rounds import Rounds
from grok_vision.vision.wanted import wanted_of
from grok_vision.vocabulary import CompareMode, Detail, Preset, Task
from grok_vision.watch import NOBODY, Watch

_MOST_MEASURING = 2


class Journey:
    """What every tool and command goes through.

    `tell_paths` says whether callers are on this machine, so that paths of it are of use to them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        images: Images,
        asking: Asking,
        drawings: Drawings,
        tell_paths: bool,
    ) -> None:
        self._tell_paths = tell_paths
        self._settings = settings
        self._images = images
        self._asking = asking
        self._drawings = drawings
        # Each comparison that measures holds three pictures.
        self._turns = anyio.CapacityLimiter(_MOST_MEASURING)

    async def aclose(self) -> None:
        """Close the connections to providers."""
        await self._asking.relay.aclose()

    async def catalogue(self, *, complete: bool = False) -> tuple[ListedModel, ...] | None:
        """Return the models that the configured endpoint lists, or None where it has no list.

        Nothing is paid. `complete` asks for more than one list where each tells only a part.

        Raises:
            VisionError: what is wrong, with its code.
        """
        with deadline(self._settings.deadline):
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
        with deadline(self._settings.deadline):
            choice = await priced(considered(self._settings, sendable(model)))
            result = await estimated(
                self._images,
                self._asking,
                choice,
                images,
                prompt=sendable(prompt),
                detail=detail,
                max_output_tokens=max_output_tokens,
            )
        return await self._asking.held_against_limit(result, choice)

    async def describe_image(
        self,
        image: str,
        *,
        prompt: str = "",
        task: Task = "describe",
        detail: Detail = "auto",
        model: str = "",
        max_tokens: int = 0,
        watch: Watch = NOBODY,
        stream: bool = True,
    ) -> Description:
        """Describe the picture that `image` names, as `task` and `prompt` ask.

        `watch` follows the call. The answer comes word by word where `stream` allows it and the
        provider does so; of one that the deadline or a failure ends, what came is returned.

        Raises:
            VisionError: every failure, with its code.
        """
        with deadline(self._settings.deadline):
            call = await self._prepared([image], detail, model, watch)
            call = replace(call, stream=stream)
            request = compose(
                call.target.provider,
                call.choice.profile,
                words=words(task, sendable(prompt)),
                pictures=call.parts,
                max_tokens=max_tokens,
            )
            expected = call.expect(request, max_tokens)
            asked = await self._asking.ask(call, request, expected)
        completion, used = asked.completion, asked.used
        await self._asking.learn(call.choice.answered_by(completion.model), expected, used)
        provider = call.target.provider
        answer = read_text(completion, provider=provider.title)
        unseen = check_seen(used, provider)
        told = (*asked.broken, *asked.warnings, *unseen)
        if not (asked.cached or answer.truncated or unseen):
            await self._asking.keep(call, request, completion)
        ignored = _ignored(task, prompt) if call.target.offline else ()
        return Description(
            text=answer.text,
            truncated=answer.truncated,
            cached=asked.cached,
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
        watch: Watch = NOBODY,
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
            with deadline(self._settings.deadline):
                call = await self._prepared(images, detail, model, watch)
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

    async def compare_images(
        self,
        images: Sequence[str],
        *,
        prompt: str = "",
        mode: CompareMode = "auto",
        threshold: float = 0.1,
        ignore: Sequence[str] = (),
        detail: Detail = "auto",
        model: str = "",
        drawing_at: Path | None = None,
        watch: Watch = NOBODY,
    ) -> Outcome:
        """Measure how pictures differ from the first, and ask a model where they do.

        `ignore` are rectangles of the first as x,y,w,h. `drawing_at` is the file to write the
        picture of what changed to, in place of a folder. What was measured is returned also where
        no model answers, unless one had to.

        Raises:
            VisionError: every failure before pixels are compared, with its code; with mode `model`
                also every one before the first answer.
        """
        question = Question(
            images=images,
            prompt=sendable(prompt),
            mode=mode,
            threshold=threshold,
            ignore=ignore,
            detail=detail,
        )
        drawings = DrawingAt(drawing_at, several=len(images) > 2) if drawing_at else self._drawings
        comparing = Comparing(self._images, self._asking, drawings, question, self._turns, watch)
        await comparing.run(partial(self._able, model), seconds=self._settings.deadline)
        return outcome(comparing, tell_paths=self._tell_paths)

    async def shown(self, picture: OpenedImage) -> bytes:
        """Return a picture for a page, as PNG or JPEG of less than a megabyte in base64.

        Raises:
            VisionError: where it cannot be made.
        """
        return await for_page(self._images, picture)

    async def drawing(self, name: str) -> bytes | None:
        """Return a picture of what changed by the name of its file, if it is still there.

        Raises:
            ConfigurationError: `bad_setting` where there is no folder for them.
            SharedStateError: `unavailable`.
        """
        return await self._drawings.read(name)

    async def _able(self, model: str) -> tuple[Endpoint, Choice]:
        """Return who is asked.

        Raises:
            ConfigurationError, ProviderError: why nobody can be.
        """
        target = endpoint(self._settings)
        return target, await priced(target.choose(sendable(model)))

    async def _prepared(
        self, images: Sequence[str], detail: Detail, model: str, watch: Watch
    ) -> Call:
        """Return what a call works with, its pictures ready to be sent."""
        target, choice = await self._able(model)
        check_count(choice, len(images))
        watch.stage(f"reading {counted(len(images), 'picture')}")
        prepared = await self._images.prepare(
            images,
            limits=choice.images,
            detail=detail,
            provider_fetches=choice.fetches_urls,
        )
        correction = await self._asking.applied_correction(choice)
        parts = parts_of(prepared, detail)
        return Call(target, choice, prepared, parts, detail, correction, watch)


def _ignored(task: Task, prompt: str) -> tuple[str, ...]:
    if task in {"describe", "read_text"} and not prompt.strip():
        return ()
    return ("the offline engine follows no instructions: prompt and task were not used.",)
