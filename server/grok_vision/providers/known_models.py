"""What is known of a model by its name, whoever serves it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider, Redirect
from grok_vision.providers.families import FAMILIES, REMAINING
from grok_vision.providers.prices import Prices
from grok_vision.providers.token_rules import TokenRule

_UNKNOWN = Evidence("assumed", "the model is not in the table", "2026-11-20")
# gpt-4o-2024-08-06, claude-sonnet-4-5@20250929.
_DATE = re.compile(r"[-@]20\d\d-?\d\d-?\d\d$")


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that a call will use, and what its caller should know about that.

    `elsewhere` is the host where the settings name another base URL than the provider's, and
    `redirected` the model that answers in place of a retired one.
    """

    provider: Provider
    profile: ModelProfile
    warnings: tuple[str, ...] = ()
    elsewhere: str = ""
    redirected: str = ""

    @property
    def served_by(self) -> str:
        """Who serves the model: another host may count otherwise than the provider does."""
        return f"{self.provider.name} at {self.elsewhere}" if self.elsewhere else self.provider.name

    @property
    def known_as(self) -> str:
        """The model's own name, where it was asked for by an alias."""
        known = self.provider.known(self.profile.name)
        return known.name if known else self.profile.name

    @property
    def fetches_urls(self) -> bool:
        """Whether pictures may be sent as URLs.

        Not through another base URL: who fetches there, and from which network, is not known.
        """
        return not self.elsewhere and self.provider.fetches_urls

    @property
    def may_be_listed(self) -> bool:
        """Whether the price that others list for the provider is that of this model."""
        return not self.elsewhere and self.provider.bills

    @property
    def prices(self) -> Prices | None:
        """What the model costs where it is served; None where that is not known.

        What is free has prices of zero. Of another host than the provider's regions, its prices are
        presumed to be the provider's.
        """
        if not self.provider.bills:
            return Prices(input=0.0, cached=0.0, output=0.0, evidence=self.provider.evidence)
        prices = self.profile.prices
        region = self.provider.regions.get(self.elsewhere)
        return prices.times(region.factor) if prices and region else prices

    @property
    def prices_are_presumed(self) -> bool:
        """Whether another host answers, which may have prices of its own."""
        is_strange = bool(self.elsewhere) and self.elsewhere not in self.provider.regions
        return is_strange and self.provider.bills and self.profile.prices is not None

    def answered_by(self, model: str) -> "Choice | None":
        """Return the model that gave an answer which names `model`; None where that is unclear.

        A server of one's own answers with what it has loaded, whatever it calls that; elsewhere
        another name than that asked for is another model.
        """
        if known := self.provider.known(model):
            return Choice(self.provider, known, elsewhere=self.elsewhere)
        if self.redirected:
            return None
        is_same = not model or _essence(model) == _essence(self.profile.name)
        return self if is_same or not self.provider.bills else None

    @property
    def answering(self) -> "Choice":
        """The model that answers: another one than that asked for where this is retired."""
        return (self.answered_by(self.redirected) if self.redirected else None) or self

    @property
    def tokens(self) -> TokenRule:
        """The rule by which the model counts the tokens of a picture."""
        return self.profile.tokens or self.provider.tokens

    @property
    def images(self) -> ImageLimits:
        """The provider's limits, with the sizes that this model can use."""
        provider = self.provider
        return replace(
            provider.images,
            fits=self.tokens.fits,
            taken_by=provider.title,
            max_images=self.profile.max_images or provider.images.max_images,
        )


def profile_of(provider: Provider, name: str, others: Sequence[Provider] = ()) -> ModelProfile:
    """Return what is known of a model that `provider` serves, under the name that was asked for.

    An alias goes on the wire as it is: a relay may know no other name. A model that the provider's
    own table does not hold has the window, the token rule and the habits of its like in the open
    families and among `others`, never their prices or parameters: those are its server's affair.
    So it reasons where its like does unless a parameter says otherwise.
    """
    if own := provider.known(name):
        return replace(own, name=name)
    profile = ModelProfile(name=name, evidence=_UNKNOWN)
    for like in _likes(name, others):
        return replace(
            profile,
            tokens=like.tokens,
            max_images=like.max_images,
            context_window=like.context_window,
            max_input=like.max_input,
            hidden_tokens=like.hidden_tokens,
            always_reasons=like.always_reasons or like.reasoning_effort is not None,
            system_message=like.system_message,
        )
    return profile


def stand_in(provider: Provider, name: str, redirect: Redirect) -> ModelProfile:
    """Return what is known of the model that answers to a retired name, under that name."""
    target = profile_of(provider, redirect.to)
    return replace(
        target,
        name=name,
        aliases=(),
        # The provider picks the effort by the retired name, so none is sent.
        reasoning_effort=None,
        always_reasons=target.always_reasons or redirect.reasons,
        tokens=redirect.tokens or target.tokens,
    )


def _likes(name: str, others: Sequence[Provider]) -> Iterator[ModelProfile]:
    plain = _plain(name)
    bare = plain.rpartition("/")[2]
    # Families first: another host of an open model may count by a rule of its own, as Groq does.
    yield from (family for family in FAMILIES if family.is_of_family(bare))
    for spelled in dict.fromkeys((name, plain, bare)):
        for provider in others:
            if like := _known_at(provider, spelled):
                yield replace(like, tokens=like.tokens or provider.tokens)
    yield from (family for family in REMAINING if family.is_of_family(bare))


def _known_at(provider: Provider, name: str) -> ModelProfile | None:
    if known := provider.known(name):
        return known
    if redirect := provider.redirect_of(name):
        return stand_in(provider, name, redirect)
    if dead := provider.retirement_of(name):
        return ModelProfile(name=name, tokens=dead.tokens, evidence=dead.evidence)
    return None


def _plain(name: str) -> str:
    """Return the name of the model that this is a variant of.

    OpenRouter's are `openai/gpt-4o:nitro`, Ollama's `gemma3:4b`, and OpenAI's fine-tuned ones
    `ft:gpt-4o-2024-08-06:mine::id`.
    """
    first, _, rest = name.partition(":")
    return rest.partition(":")[0] if first == "ft" else first


def _essence(name: str) -> list[str]:
    """Return what two names of a model share, without its maker, variant and date.

    OpenRouter answers to claude-sonnet-4.5 as claude-4.5-sonnet-20250929.
    """
    bare = _DATE.sub("", _plain(name.lower()).rpartition("/")[2])
    return sorted(re.split(r"[-._]", bare))
