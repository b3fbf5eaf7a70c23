"""How a provider's own list of its models differs from the facts in this package."""

import math
from collections.abc import Iterator, Sequence
from typing import get_args

from grok_vision.providers.facts import ModelProfile, Provider
from grok_vision.providers.table import facts_of
from grok_vision.results import Difference, Differences, Fact, ListedModel

_FACTS: tuple[Fact, ...] = get_args(Fact)


def compared(provider: Provider, listed: Sequence[ListedModel]) -> Differences:
    """Compare what the provider lists with what is known of its models.

    A fact that the list leaves out is not compared. A model of a known family, such as a dated
    snapshot, is neither new nor compared: it may have its own price.
    """
    pairs = [(profile, _entry_of(profile, listed)) for profile in provider.models]
    unknown = [entry for entry in listed if not _is_known(provider, entry)]
    return Differences(
        provider=provider.name,
        listed=len(listed),
        differing=[one for profile, entry in pairs if entry for one in _differing(profile, entry)],
        missing=[
            profile.name
            for profile, entry in pairs
            if entry is None and not any(profile.is_of_family(other.model) for other in listed)
        ],
        new=[entry for entry in unknown if entry.takes_images],
        untold=[entry.model for entry in unknown if entry.takes_images is None],
    )


def listed_as(provider: Provider, model: str, listed: Sequence[ListedModel]) -> ListedModel | None:
    """Return the entry of the model that answers to this name, if the provider lists it."""
    redirect = provider.redirect_of(model)
    profile = provider.known(redirect.to if redirect else model)
    # Ollama lists the name that it understands without a tag under this one.
    names = {model, f"{model}:latest"}
    if profile and profile.is_called(redirect.to if redirect else model):
        names |= {profile.name, *profile.aliases}
    return next((one for one in listed if not names.isdisjoint((one.model, *one.aliases))), None)


def _entry_of(profile: ModelProfile, listed: Sequence[ListedModel]) -> ListedModel | None:
    return next((entry for entry in listed if _is_same(profile, entry)), None)


def _is_same(profile: ModelProfile, entry: ListedModel) -> bool:
    return any(profile.is_called(name) for name in (entry.model, *entry.aliases))


def _is_known(provider: Provider, entry: ListedModel) -> bool:
    return provider.redirect_of(entry.model) is not None or any(
        profile.is_of_family(entry.model) or _is_same(profile, entry) for profile in provider.models
    )


def _differing(profile: ModelProfile, entry: ListedModel) -> Iterator[Difference]:
    known = facts_of(profile)
    for fact in _FACTS:
        ours, theirs = getattr(known, fact), getattr(entry, fact)
        if theirs is not None and (ours is None or not math.isclose(ours, theirs, rel_tol=1e-6)):
            yield Difference(model=profile.name, fact=fact, ours=ours, theirs=theirs)
