"""What `doctor` looks at, one check for each."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from grok_vision.cache import AnswerCache
from grok_vision.cli.differences import figures
from grok_vision.cli.figures import counted
from grok_vision.errors import VisionError
from grok_vision.providers import Endpoint, Provider, compared, listed_as
from grok_vision.results import ListedModel, Result
from grok_vision.settings import Settings
from grok_vision.texts import sendable
from grok_vision.tokens import state_folder
from grok_vision.vision import Vision, readable_roots

_Listed = tuple[ListedModel, ...]


class Check(Result):
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str


def passed(name: str, found: str) -> Check:
    """Return a check that went well."""
    return Check(name=name, ok=True, found=sendable(found))


def failed(name: str, found: str) -> Check:
    """Return a check that did not."""
    return Check(name=name, ok=False, found=sendable(found))


def spelling() -> Iterator[Check]:
    """Yield a failed check for each variable with our prefix that sets nothing."""
    for name, near in Settings.unknown_variables().items():
        yield failed(name, "no such setting" + (f"; did you mean {near}?" if near else ""))


def folders(settings: Settings) -> Check:
    """Look whether the folders that may be read are there."""
    absent = [str(root) for root in readable_roots(settings) if not os.path.isdir(root)]
    if absent:
        return failed("folders", f"not there: {', '.join(absent)}")
    return passed("folders", "all there")


def state(settings: Settings) -> Check:
    """Look whether the token counts that answers report can be kept; nothing is made for it."""
    if settings.redis_url is not None:
        return passed("state", "not used: token counts are kept in Redis")
    folder = state_folder(settings.state_dir)
    if folder is not None and _can_be_written(folder):
        return passed("state", "can be written")
    if settings.state_dir is not None:
        return failed("state", "cannot be written; correct or unset GROK_VISION_STATE_DIR")
    return passed("state", "cannot be written, so estimates are not corrected from answers")


def cache(settings: Settings) -> Iterator[Check]:
    """Look whether answers can be kept, where that is wanted; nothing is made for it."""
    if settings.cache is None:
        return
    place, most_bytes = settings.cache
    if not isinstance(place, Path):
        return  # the check of Redis tells it
    told = AnswerCache(place, most_bytes).obstacle()
    if told:
        yield failed("cache", f"{told} (GROK_VISION_CACHE)")
    else:
        yield passed("cache", "can be written")


def _can_be_written(folder: Path) -> bool:
    """Tell whether files can be made in the folder, or where it is not there, the folder itself."""
    above = (folder, *folder.absolute().parents)
    there = next((path for path in above if os.path.lexists(path)), None)
    return there is not None and os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)


async def endpoint_answers(vision: Vision, target: Endpoint) -> list[Check]:
    """Ask the endpoint for its models, which costs nothing, and look for the one in use."""
    title = target.provider.title
    try:
        async with vision:
            listed = await (await vision.journey()).catalogue()
    except VisionError as error:
        return [failed("endpoint", str(error))]
    if listed is None:
        told = f"{title} answers, without a list of models; check the address if calls fail"
        return [passed("endpoint", told)]
    return [
        passed("endpoint", f"{title} answers and lists {counted(len(listed), 'model')}"),
        _model(target, listed),
    ]


def _model(target: Endpoint, listed: _Listed) -> Check:
    """Hold what the provider says of the model in use against the built-in facts."""
    provider, name = target.provider, target.default_model
    entry = listed_as(provider, name, listed)
    if entry and entry.takes_images is False:
        told = f"{name} takes no pictures, says {provider.title}; set GROK_VISION_MODEL"
        return failed("model", told)
    # Servers that people run may answer to any name, and so may who stands in for a provider.
    if target.own_address and provider.bills and not _may_answer(provider, name, listed):
        near = ", ".join(_near(provider, name, listed))
        told = f"{name} is not in its list; set GROK_VISION_MODEL"
        return failed("model", f"{told} to one of: {near}" if near else told)
    differing = compared(provider, listed).differing
    own = [one for one in differing if entry and listed_as(provider, one.model, (entry,))]
    told = f"{name} is {'' if entry else 'not '}in its list"
    told += "".join(f"; {fact} is {theirs}, here {ours}" for fact, ours, theirs in figures(own))
    if others := len({one.model for one in differing} - {one.model for one in own}):
        told += f"; {counted(others, 'other model')} differ from what is known here"
    if differing:
        told += "; see `grok-vision-mcp models --live`"
    return passed("model", told)


def _may_answer(provider: Provider, name: str, listed: _Listed) -> bool:
    """Tell whether the name is listed, stands for one that is, or is a snapshot of its like."""
    # OpenRouter lists no variant, such as `model:nitro` (openrouter.ai/docs, model variants).
    base = name.partition(":")[0]
    if provider.redirect_of(name) or listed_as(provider, name, listed):
        return True
    if listed_as(provider, base, listed):
        return True
    profile = provider.known(name)
    return profile is not None and any(
        profile.is_called(other) or profile.is_of_family(other)
        for entry in listed
        for other in (entry.model, *entry.aliases)
    )


def _near(provider: Provider, name: str, listed: _Listed) -> list[str]:
    """Return up to three listed names most like this one, of models that take pictures."""
    seeing = [one for one in listed if one.takes_images or _is_known(provider, one)]
    if not seeing:
        seeing = [one for one in listed if one.takes_images is None]
    names = (other for one in seeing for other in (one.model, *one.aliases))
    return difflib.get_close_matches(name, list(dict.fromkeys(names)), n=3, cutoff=0.0)


def _is_known(provider: Provider, entry: ListedModel) -> bool:
    return entry.takes_images is None and provider.known(entry.model) is not None
