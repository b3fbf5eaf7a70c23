"""What may be read and sent, as it is configured; nothing is asked and no key is needed."""

from contextlib import suppress

from grok_vision.errors import VisionError
from grok_vision.images import readable_formats
from grok_vision.providers import Choice, configured, considered, endpoint
from grok_vision.results import CallLimits, Limits, ReadingLimits, SendingLimits, SourceKind
from grok_vision.settings import Settings
from grok_vision.texts import sendable
from grok_vision.vision.front import readable_roots


def known_limits(settings: Settings, *, desktop: bool) -> Limits:
    """Return the limits; `desktop` is that of `build_vision`. It may load code: it blocks."""
    return Limits(
        reading=_reading(settings, desktop=desktop),
        calls=CallLimits(
            deadline=settings.deadline,
            retries=settings.retries,
            concurrency=settings.concurrency,
            max_usd=settings.max_usd,
        ),
        sending=_sending(settings),
    )


def _reading(settings: Settings, *, desktop: bool) -> ReadingLimits:
    roots = readable_roots(settings, desktop=desktop)
    sources: list[SourceKind] = ["path"] if roots else []
    if settings.url_mode != "off":
        sources.append("url")
    # Where others can call, pictures come from them.
    takes_uploads = not desktop and settings.upload_bytes > 0
    if takes_uploads:
        sources.append("upload")
    sources.append("data")
    if desktop:
        sources += ["latest", "clipboard"]
    return ReadingLimits(
        sources=sources,
        roots=[sendable(str(root)) for root in roots],
        formats=list(readable_formats()),
        url_mode=settings.url_mode,
        allow_hosts=list(settings.allow_hosts),
        max_image_bytes=settings.max_image_bytes,
        max_pixels=settings.max_pixels,
        upload_bytes=settings.upload_bytes if takes_uploads else None,
        upload_hours=settings.upload_hours if takes_uploads else None,
    )


def _sending(settings: Settings) -> SendingLimits:
    provider = configured(settings)
    choice, host, problem = None, None, None
    try:
        target = endpoint(settings)
        host = None if target.offline else target.host
        choice = target.choose()
    except VisionError as error:
        choice, problem = _meant(settings), str(error)
    images = choice.images if choice else provider.images
    fit = images.fits.auto
    sides = [side for side in (images.max_side, fit.max_side) if side]
    return SendingLimits(
        provider=provider.name,
        model=choice.profile.name if choice else None,
        host=host,
        problem=problem,
        formats=list(images.formats),
        max_images=images.max_images,
        max_image_bytes=images.max_bytes,
        max_images_bytes=images.max_total_bytes,
        max_body_bytes=provider.max_body_bytes,
        min_side=images.min_side,
        min_pixels=images.min_pixels,
        max_side=min(sides, default=None),
        max_short_side=fit.max_short_side,
        max_pixels=fit.max_pixels,
        evidence=images.evidence.grade,
        source=images.evidence.source,
        date=images.evidence.date,
    )


def _meant(settings: Settings) -> Choice | None:
    """Return the model that would answer, were it not for what hinders it; None where unclear."""
    with suppress(VisionError):
        choice = considered(settings)
        if choice.provider is configured(settings):
            return choice
    return None
