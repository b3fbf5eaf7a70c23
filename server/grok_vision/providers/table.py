"""The table of known models, and what a model's facts are in it."""

from collections.abc import Iterator

from grok_vision.providers.consideration import considered
from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.facts import ModelProfile, Provider
from grok_vision.providers.families import FAMILIES
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.registry import configured
from grok_vision.providers.token_rules import TokenRule
from grok_vision.results import ModelFacts, ModelRow, ModelTable
from grok_vision.settings import Settings

_ANY = "any"


def model_table(settings: Settings) -> ModelTable:
    """Return the known models of all providers; nothing is asked and no key is needed.

    The configured provider is first, and the model that it would be asked for is marked. A
    provider of which no model is known has one row without a name. Open families, which count
    alike wherever they are served, come last under the provider `any`.
    """
    first = configured(settings)
    others = (provider for provider in PROVIDERS if provider is not first)
    rows = [
        *_first_rows(first, settings),
        *(row for provider in others for row in _rows(provider)),
        *(_family_row(family, family.tokens) for family in FAMILIES if family.tokens),
    ]
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


def _first_rows(provider: Provider, settings: Settings) -> Iterator[ModelRow]:
    """Yield the configured provider's rows, and one for its default where that is not known."""
    name = provider.default_model if provider is LOCAL else settings.model or provider.default_model
    default = provider.known(name)
    if name and default is None:
        choice = considered(settings)
        yield _row(provider, choice.profile, choice.tokens, is_default=True)
    if provider.models or not name:
        yield from _rows(provider, default)


def _rows(provider: Provider, default: ModelProfile | None = None) -> Iterator[ModelRow]:
    for profile in provider.models:
        rule = profile.tokens or provider.tokens
        yield _row(provider, profile, rule, is_default=profile is default)
    if not provider.models:
        yield _row(provider, None, provider.tokens)


def _row(
    provider: Provider,
    profile: ModelProfile | None,
    rule: TokenRule,
    *,
    is_default: bool = False,
) -> ModelRow:
    images, prices = provider.images, profile.prices if profile else None
    row = ModelRow(
        provider=provider.name,
        model=profile.name if profile else None,
        default=is_default,
        aliases=list(profile.aliases) if profile else [],
        names=list(profile.matches) if profile else [],
        prices_source=prices.evidence.source if prices else None,
        prices_date=prices.evidence.date if prices else None,
        max_images=images.max_images,
        max_image_bytes=images.max_bytes,
        max_images_bytes=images.max_total_bytes,
        max_body_bytes=provider.max_body_bytes,
        rule=rule.name,
        evidence=rule.evidence.grade,
        source=rule.evidence.source,
        date=rule.evidence.date,
    )
    return row.model_copy(update=facts_of(profile).model_dump() if profile else None)


def _family_row(family: ModelProfile, rule: TokenRule) -> ModelRow:
    return ModelRow(
        provider=_ANY,
        model=family.name,
        takes_images=True,
        context_window=family.context_window,
        names=list(family.matches),
        rule=rule.name,
        evidence=rule.evidence.grade,
        source=rule.evidence.source,
        date=rule.evidence.date,
    )
