"""The table of known models, and what a model's facts are in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grok_vision.providers.choosing import choice_of
from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.facts import ModelProfile, Provider
from grok_vision.providers.families import FAMILIES
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.registry import configured, host_of
from grok_vision.providers.token_rules import TokenRule
from grok_vision.results import ModelFacts, ModelRow, ModelTable
from grok_vision.settings import Settings

_ANY = "any"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one row is about: without a provider a family, without a profile whatever is served."""

    provider: Provider | None
    profile: ModelProfile | None
    rule: TokenRule
    is_default: bool = False


def model_table(settings: Settings, sample: Callable[[TokenRule], int]) -> ModelTable:
    """Return the known models of all providers; nothing is asked and no key is needed.

    The configured provider is first, and the model that it would be asked for is marked. Models
    that no longer answer are left out. A provider of which no model is known has one row without a
    name. Open families, which count alike wherever they are served, come last under the provider
    `any`. `sample` returns the tokens of a screenshot by a rule.
    """
    first = configured(settings)
    entries = [
        *_first_entries(first, settings),
        *(entry for other in PROVIDERS if other is not first for entry in _entries(other)),
        *(_Entry(None, family, family.tokens) for family in FAMILIES if family.tokens),
    ]
    rows = [_row(entry, sample(entry.rule)) for entry in entries]
    return ModelTable(provider=first.name, models=rows)


def facts_of(profile: ModelProfile) -> ModelFacts:
    """Return what is known of the model, in the terms in which providers' lists are read."""
    prices = profile.prices
    if prices is None:
        return ModelFacts(takes_images=True, context_window=profile.context_window)
    is_dearer = prices.long_context_from is not None
    output_factor = prices.long_output_factor or prices.long_context_factor
    return ModelFacts(
        takes_images=True,
        context_window=profile.context_window,
        input_usd=prices.input,
        cached_usd=prices.cached,
        output_usd=prices.output,
        long_context_from=prices.long_context_from,
        long_input_usd=prices.input * prices.long_context_factor if is_dearer else None,
        long_output_usd=prices.output * output_factor if is_dearer else None,
    )


def _first_entries(provider: Provider, settings: Settings) -> Iterator[_Entry]:
    """Yield the configured provider's models, and its default where that is not known."""
    named = provider.default_model if provider is LOCAL else settings.model.strip()
    name = named or provider.default_model
    elsewhere = host_of(provider, settings.base_url)
    is_dead = provider.retirement_of(name) is not None and not elsewhere
    default = None if is_dead else provider.known(name)
    if name and default is None and not is_dead:
        choice = choice_of(provider, name, elsewhere=elsewhere)
        yield _Entry(provider, choice.profile, choice.tokens, is_default=True)
    if provider.models or not name:
        yield from _entries(provider, default)


def _entries(provider: Provider, default: ModelProfile | None = None) -> Iterator[_Entry]:
    for profile in provider.models:
        is_default = profile is default
        if is_default or provider.retirement_of(profile.name) is None:
            yield _Entry(provider, profile, profile.tokens or provider.tokens, is_default)
    if not provider.models:
        yield _Entry(provider, None, provider.tokens)


def _row(entry: _Entry, screenshot_tokens: int) -> ModelRow:
    provider, profile, rule = entry.provider, entry.profile, entry.rule
    images = provider.images if provider else None
    prices = profile.prices if profile else None
    aliases = _other_names(profile, profile.aliases) if profile else []
    row = ModelRow(
        provider=provider.name if provider else _ANY,
        model=profile.name if profile else None,
        default=entry.is_default,
        aliases=aliases,
        names=_other_names(profile, profile.matches, *aliases) if profile else [],
        prices_source=prices.evidence.source if prices else None,
        prices_date=prices.evidence.date if prices else None,
        screenshot_tokens=screenshot_tokens,
        screenshot_usd=prices and round(prices.input * screenshot_tokens / 1000, 10),
        max_images=(profile and profile.max_images) or (images and images.max_images),
        max_image_bytes=images.max_bytes if images else None,
        max_images_bytes=images.max_total_bytes if images else None,
        max_body_bytes=provider.max_body_bytes if provider else None,
        limits_evidence=images.evidence.grade if images else None,
        rule=rule.name,
        evidence=rule.evidence.grade,
        source=rule.evidence.source,
        date=rule.evidence.date,
    )
    return row.model_copy(update=facts_of(profile).model_dump() if profile else None)


def _other_names(profile: ModelProfile, names: tuple[str, ...], *told: str) -> list[str]:
    """Return each name once, without those that the row tells elsewhere."""
    return [name for name in dict.fromkeys(names) if name not in {profile.name, *told}]
