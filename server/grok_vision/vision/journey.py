"""The journey of a call: one short function for each tool. Knows nothing of MCP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import anyio

from grok_vision.answers import check_seen, read_text
from grok_vision.chat import compose, words
from grok_vision.errors import ProviderError
from grok_vision.images import Images
from grok_vision.providers import considered, endpoint
from grok_vision.results import Description, Estimate, ListedModel
from grok_vision.settings import Settings
from grok_vision.texts import sendable
from grok_vision.tokens import estimate
from grok_vision.vision.asking import Asking, priced
from grok_vision.vision.expectation import check_count, expect
from grok_vision.vision.parts import labels_of, parts_of, sent_sizes
from grok_vision.vocabulary import Detail, Task


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
            labels=[label for picture in measured for label in labels_of(picture.regions)],
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
            target = endpoint(self._settings)
            choice = await priced(target.choose(sendable(model)))
            prepared = await self._images.prepare(
                [image],
                limits=choice.images,
                detail=detail,
                provider_fetches=choice.fetches_urls,
            )
            request = compose(
                target.provider,
                choice.profile,
                words=words(task, sendable(prompt)),
                pictures=parts_of(prepared, detail),
                max_tokens=max_tokens,
            )
            expected = expect(
                choice,
                request,
                sent_sizes(prepared),
                pictures=len(prepared),
                detail=detail,
                max_tokens=max_tokens,
                correction=await self._asking.applied_correction(choice),
            )
            completion, used = await self._asking.ask(target, choice, request, expected)
        await self._asking.learn(choice.answered_by(completion.model), expected, used)
        answer = read_text(completion, provider=target.provider.title)
        told = check_seen(used, target.provider)
        ignored = _ignored(task, prompt) if target.offline else ()
        return Description(
            text=answer.text,
            truncated=answer.truncated,
            finish_reason=completion.finish_reason or None,
            model=completion.model or choice.profile.name,
            provider=target.provider.name,
            usage=used,
            images=[picture.report for picture in prepared],
            warnings=[
                *choice.warnings,
                *told,
                *ignored,
                *(w for p in prepared for w in p.warnings),
            ],
        )


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
            f"the call took longer than {seconds:g} s in all; try a smaller picture or a faster "
            "model, or raise GROK_VISION_DEADLINE.",
        )
