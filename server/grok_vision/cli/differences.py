"""The command `models --live`: what the provider tells otherwise than is known here."""

from collections.abc import Iterator, Sequence

from grok_vision.cli.figures import counted, price, three_prices, window
from grok_vision.cli.terminal import print_aligned, printable
from grok_vision.errors import ConfigurationError, ProviderError, RequestError
from grok_vision.providers import compared, endpoint
from grok_vision.results import Difference, Differences, Fact, ListedModel
from grok_vision.settings import Settings
from grok_vision.texts import shortened
from grok_vision.vision import build_vision

_WORDS: dict[Fact, str] = {
    "takes_images": "pictures",
    "context_window": "context window",
    "input_usd": "input",
    "cached_usd": "cached input",
    "output_usd": "output",
    "long_context_from": "long prompts from",
    "long_input_usd": "input of long prompts",
    "long_output_usd": "output of long prompts",
}


async def ask(settings: Settings, provider: str = "") -> Differences:
    """Hold the configured provider's own list of models against the built-in facts.

    Raises:
        VisionError: no provider is configured, or another than `provider`; the endpoint cannot be
            asked, or has no list.
    """
    target = endpoint(settings)
    if target.offline and settings.provider == "auto":
        raise ConfigurationError(
            "missing_key",
            "no provider is configured to be asked; set a key such as XAI_API_KEY, or "
            "GROK_VISION_PROVIDER.",
        )
    if provider not in {"", target.provider.name}:
        raise RequestError(
            "bad_argument",
            f"--live asks the configured provider, {target.provider.name}, and not "
            f"{shortened(provider)}; set GROK_VISION_PROVIDER to ask another.",
        )
    async with build_vision(settings) as vision:
        listed = await (await vision.journey()).catalogue(complete=True)
    if listed is None:
        raise ProviderError(
            "unavailable",
            f"{target.provider.title} has no list of models at {target.base_url}; check "
            "GROK_VISION_BASE_URL if calls fail too.",
        )
    return compared(target.provider, listed)


def show(differences: Differences) -> None:
    """Print what the provider tells otherwise, for a person who keeps the facts up to date."""
    print(f"{differences.provider} lists {counted(differences.listed, 'model')}.")
    if differences.differing:
        changes = [(one.model, *said) for one in differences.differing for said in figures([one])]
        print("\nTold otherwise than known here:")
        print_aligned([("model", "fact", "here", "there"), *changes], right=(2, 3))
    _print_names("Known here, and not listed", differences.missing)
    if differences.new:
        print("\nNew, and taking pictures:")
        header = ("model", "context", "input $/M", "cached $/M", "output $/M", "also called")
        print_aligned([header, *map(_new, differences.new)], right=range(1, 5))
    _print_names("Not known here, nor whether they take pictures", differences.untold)
    if not (differences.differing or differences.missing):
        print("Nothing differs from what is known here.")


def figures(differences: Sequence[Difference]) -> Iterator[tuple[str, str, str]]:
    """Yield for people: which fact, what is known here, and what the provider tells."""
    for one in differences:
        yield _WORDS[one.fact], _figure(one.fact, one.ours), _figure(one.fact, one.theirs)


def _figure(fact: Fact, value: float | None) -> str:
    if value is None:
        return "not known"
    if fact == "takes_images":
        return "yes" if value else "no"
    return f"${price(value)}" if fact.endswith("_usd") else f"{value:,}"


def _new(model: ListedModel) -> tuple[str, ...]:
    others = [name for name in dict.fromkeys(model.aliases) if name != model.model]
    return model.model, window(model.context_window), *three_prices(model), " ".join(others)


def _print_names(heading: str, names: Sequence[str]) -> None:
    if names:
        print(f"\n{heading}:")
        for name in names:
            print(f"  {printable(name)}")
