"""The journey of a call: one short function for each tool. Knows nothing of MCP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import anyio

from grok_vision.answers import check_seen, read_text
from grok_vision.chat import (
    ImagePart,
    Part,
    RemoteImagePart,
    Task,
    TextPart,
    compose,
    part_label,
    words,
)
from grok_vision.errors import ConfigurationError, ProviderError
from grok_vision.images import Images, Policy, PreparedImage, RemotePart, default_roots
from grok_vision.local import LocalTransport
from grok_vision.providers import Detail, endpoint
from grok_vision.relay import Relay, Transport, usage
from grok_vision.results import Description
from grok_vision.settings import Settings
from grok_vision.texts import sendable

# A host that does not deliver by then must not take the time that the provider needs.
_FETCH_SECONDS = 20.0


class Vision:
    """What every tool and command calls; made by `build_vision`, closed as a context manager."""

    def __init__(self, settings: Settings, images: Images, relay: Relay) -> None:
        self._settings = settings
        self._images = images
        self._relay = relay

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._images.aclose()
        await self._relay.aclose()

    async def check_endpoint(self) -> None:
        """Ask the configured endpoint whether it answers and takes the key; nothing is paid.

        Raises:
            VisionError: what is wrong, with its code.
        """
        with _deadline(self._settings.deadline):
            await self._relay.check(endpoint(self._settings))

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
            choice = target.choose(sendable(model))
            prepared = await self._images.prepare(
                [image],
                limits=choice.images,
                detail=detail,
                provider_fetches=target.fetches_urls,
            )
            request = compose(
                target.provider,
                choice.profile,
                words=words(task, sendable(prompt)),
                pictures=_parts(prepared, detail),
                max_tokens=max_tokens,
            )
            completion = await self._relay.complete(target, request)
        answer = read_text(completion, provider=target.provider.title)
        used = usage(completion, target.provider, choice.profile)
        check_seen(used, target.provider)
        ignored = _ignored(task, prompt) if target.offline else ()
        return Description(
            text=answer.text,
            truncated=answer.truncated,
            finish_reason=completion.finish_reason or None,
            model=completion.model or choice.profile.name,
            provider=target.provider.name,
            usage=used,
            images=[picture.report for picture in prepared],
            warnings=[*choice.warnings, *ignored, *(w for p in prepared for w in p.warnings)],
        )


def build_vision(
    settings: Settings,
    *,
    any_file: bool = False,
    desktop: bool = True,
    transport: Transport | None = None,
) -> Vision:
    """Build everything that calls share; nothing is opened before the first call.

    `any_file` lifts the roots: on the command line the person names the files. `desktop` opens
    `latest`, `clipboard` and the default roots, where nobody but the user of this machine can
    call. `transport` replaces the network on the way to the provider.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    folders = readable_roots(settings, desktop=desktop)
    policy = Policy(
        roots=None if any_file else folders,
        searched=folders,
        allow_hosts=settings.allow_hosts,
        url_mode=settings.url_mode,
        desktop=desktop,
        max_bytes=settings.max_image_bytes,
        max_pixels=settings.max_pixels,
        fetch_deadline=min(settings.deadline / 2, _FETCH_SECONDS),
    )
    relay = Relay(
        concurrency=settings.concurrency,
        transport=LocalTransport() if _is_offline(settings) else transport,
    )
    return Vision(settings, Images(policy), relay)


def readable_roots(settings: Settings, *, desktop: bool = True) -> tuple[Path, ...]:
    """Return the folders that tools may read; by default none where others can call."""
    if settings.roots is not None:
        return settings.roots
    return default_roots() if desktop else ()


def _is_offline(settings: Settings) -> bool:
    try:
        return endpoint(settings).offline
    except ConfigurationError:
        # Each call tells it: a server that does not start could tell nobody.
        return False


def _ignored(task: Task, prompt: str) -> tuple[str, ...]:
    if task in {"describe", "read_text"} and not prompt.strip():
        return ()
    return ("the offline engine follows no instructions: prompt and task were not used.",)


def _parts(prepared: Sequence[PreparedImage], detail: Detail) -> list[Part]:
    return [part for picture in prepared for part in _parts_of(picture, detail)]


def _parts_of(picture: PreparedImage, detail: Detail) -> Iterator[Part]:
    regions = picture.report.regions or []
    for number, part in enumerate(picture.parts, 1):
        if isinstance(part, RemotePart):
            yield RemoteImagePart(part.url, detail)
            continue
        if len(regions) > 1:
            yield TextPart(part_label(number, regions))
        yield ImagePart(part.media_type, part.data, detail)


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
