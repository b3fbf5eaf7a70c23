"""OpenAI's models that see: facts read from public material on 2026-11-21. No live call was made.

Announced ends (developers.openai.com/api/docs/deprecations, 2026-11): gpt-5, gpt-5-mini, gpt-5-nano
and o3 on 2026-12-11; gpt-4o, gpt-4o-mini, gpt-4.1 and gpt-4.1-mini on 2027-01-14; gpt-5.1 and
gpt-5.4-nano on 2027-04-01. The `-pro`, `-codex` and research models answer at `responses` only.
"""

from collections.abc import Mapping

from grok_vision.providers import openai_tokens as rules
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ModelProfile, ReasoningEffort, Retired
from grok_vision.providers.prices import Prices
from grok_vision.providers.token_rules import TokenRule

_PRICING = Evidence(
    "third party", "litellm 1.109.1, from developers.openai.com/api/docs/pricing", "2026-11"
)
# Which efforts a model takes was tried live there: a refused one is an error 400.
_EFFORTS = Evidence(
    "third party", "litellm 1.109.1; pydantic-ai 2.68.0, verified with live calls", "2026-10"
)
_DEPRECATIONS = "developers.openai.com/api/docs/deprecations, shut down on"

# Window, output and, where it is less than the window, input (litellm's max_input_tokens). It gives
# 5.4 and 5.5 the whole window as input, though the answer must have its room there too.
_128K = (128_000, 16_384, None)
_200K = (200_000, 100_000, None)
_400K = (400_000, 128_000, 272_000)
_1M_OLD = (1_047_576, 32_768, None)
_1M = (1_050_000, 128_000, None)
_1M_SPLIT = (1_050_000, 128_000, 922_000)


def _prices(
    prompt: float,
    cached: float | None,
    output: float,
    *,
    long_context: bool = False,
    cache_write: float | None = None,
) -> Prices:
    """Return the prices; above 272,000 input tokens the newer models cost more."""
    return Prices(
        input=prompt,
        cached=prompt if cached is None else cached,
        output=output,
        cache_write=cache_write,
        long_context_from=272_001 if long_context else None,
        long_context_factor=2.0 if long_context else 1.0,
        long_output_factor=1.5 if long_context else None,
        evidence=_PRICING,
    )


def _model(
    name: str,
    tokens: TokenRule,
    prices: Prices,
    size: tuple[int, int, int | None],
    *,
    aliases: tuple[str, ...] = (),
    effort: ReasoningEffort | None = None,
    always_reasons: bool = False,
) -> ModelProfile:
    """Return a profile, which also holds for the model's dated names.

    `size` is (window, output, input), where the last is None if it is the window.

    `effort` is left out where the model's own default is the fastest already.
    """
    return ModelProfile(
        name=name,
        aliases=aliases,
        matches=tuple(f"{each}-20??-??-??" for each in (name, *aliases)),
        context_window=size[0],
        max_output=size[1],
        max_input=size[2],
        prices=prices,
        tokens=tokens,
        reasoning_effort=effort,
        always_reasons=always_reasons,
        evidence=_EFFORTS if effort or always_reasons else _PRICING,
    )


def _newest(
    name: str,
    tokens: TokenRule,
    prompt: float,
    cached: float,
    output: float,
    *aliases: str,
    always_reasons: bool = False,
) -> ModelProfile:
    """Return a profile of 5.6 and later: it reasons unless `none` is asked for, where it may be.

    Input that is kept in the cache costs a quarter more (cache_creation_input_token_cost).
    """
    return _model(
        name,
        tokens,
        _prices(prompt, cached, output, long_context=True, cache_write=1.25 * prompt),
        _1M_SPLIT,
        aliases=aliases,
        effort=None if always_reasons else "none",
        always_reasons=always_reasons,
    )


MODELS: tuple[ModelProfile, ...] = (
    _newest("gpt-6.1-sol", rules.LIKE_GPT_6, 2.00, 0.10, 10.00, always_reasons=True),
    _newest("gpt-6.1-terra", rules.LIKE_GPT_6, 1.00, 0.05, 5.00),
    _newest("gpt-6-astra", rules.GPT_6, 10.00, 1.00, 50.00, always_reasons=True),
    _newest("gpt-6-sol", rules.LIKE_GPT_6, 2.00, 0.20, 10.00),
    _newest("gpt-6-luna", rules.LIKE_GPT_6, 0.10, 0.01, 0.50),
    _newest("gpt-6-rosalind", rules.LIKE_GPT_6, 15.00, 1.50, 75.00, always_reasons=True),
    _newest("gpt-5.6-sol", rules.GPT_5_6, 4.00, 0.40, 20.00, "gpt-5.6"),
    _newest("gpt-5.6-terra", rules.GPT_5_6, 2.00, 0.20, 12.00),
    _newest("gpt-5.6-luna", rules.GPT_5_6, 0.20, 0.02, 1.20),
    _model(
        "gpt-5.5", rules.GPT_5_5, _prices(5.00, 0.50, 30.00, long_context=True), _1M, effort="none"
    ),
    # 5.1 to 5.4 do not reason unless they are asked to.
    _model("gpt-5.4", rules.GPT_5_4, _prices(2.50, 0.25, 15.00, long_context=True), _1M),
    _model("gpt-5.4-mini", rules.GPT_5_4, _prices(0.75, 0.075, 4.50), _400K),
    _model("gpt-5.4-nano", rules.GPT_5_4, _prices(0.20, 0.02, 1.25), _400K),
    _model("gpt-5.2", rules.GPT_5_2, _prices(1.75, 0.175, 14.00), _400K),
    _model("gpt-5.1", rules.GPT_5, _prices(1.25, 0.125, 10.00), _400K),
    _model("gpt-5", rules.GPT_5, _prices(1.25, 0.125, 10.00), _400K, effort="minimal"),
    _model("gpt-5-mini", rules.GPT_5_MINI, _prices(0.25, 0.025, 2.00), _400K, effort="minimal"),
    _model("gpt-5-nano", rules.GPT_5_NANO, _prices(0.05, 0.005, 0.40), _400K, effort="minimal"),
    _model("gpt-4.1", rules.GPT_4O, _prices(2.00, 0.50, 8.00), _1M_OLD),
    _model("gpt-4.1-mini", rules.GPT_4_1_MINI, _prices(0.40, 0.10, 1.60), _1M_OLD),
    _model("gpt-4.1-nano", rules.GPT_4_1_NANO, _prices(0.10, 0.025, 0.40), _1M_OLD),
    # The first gpt-4o cost twice as much as what the name means now.
    _model("gpt-4o-2024-05-13", rules.GPT_4O, _prices(5.00, None, 15.00), (128_000, 4_096, None)),
    _model("gpt-4o", rules.GPT_4O, _prices(2.50, 1.25, 10.00), _128K),
    _model("gpt-4o-mini", rules.GPT_4O_MINI, _prices(0.15, 0.075, 0.60), _128K),
    _model("gpt-4-turbo", rules.GPT_4O, _prices(10.00, None, 30.00), (128_000, 4_096, None)),
    _model("o3", rules.O_SERIES, _prices(2.00, 0.50, 8.00), _200K, always_reasons=True),
    _model("o4-mini", rules.O4_MINI, _prices(1.10, 0.275, 4.40), _200K, always_reasons=True),
    _model("o1", rules.O_SERIES, _prices(15.00, 7.50, 60.00), _200K, always_reasons=True),
    _model(
        "computer-use-preview",
        rules.COMPUTER_USE,
        _prices(3.00, None, 12.00),
        (8_192, 1_024, None),
        always_reasons=True,
    ),
)
"""Also those that OpenAI has shut down: other servers of the same API may still have them."""

# (name as it is without a date, date of its snapshot, successor, day of the end, how it counted)
_SHUT_DOWN: tuple[tuple[str, str, str, str, TokenRule], ...] = (
    ("o1", "2024-12-17", "gpt-5.6-sol", "2026-10-23", rules.O_SERIES),
    ("o1-pro", "2025-03-19", "gpt-5.6-sol", "2026-10-23", rules.O_SERIES),
    ("o4-mini", "2025-04-16", "gpt-5.6-terra", "2026-10-23", rules.O4_MINI),
    ("gpt-4.1-nano", "2025-04-14", "gpt-5.6-luna", "2026-10-23", rules.GPT_4_1_NANO),
    ("gpt-4-turbo", "2024-04-09", "gpt-5.6-sol", "2026-10-23", rules.GPT_4O),
    ("gpt-4o", "2024-05-13", "gpt-5.6-sol", "2026-10-23", rules.GPT_4O),
    ("computer-use-preview", "2025-03-11", "gpt-5.6-sol", "2026-07-23", rules.COMPUTER_USE),
    ("gpt-4o-search-preview", "2025-03-11", "gpt-5.6-sol", "2026-07-23", rules.GPT_4O),
    ("gpt-4o-mini-search-preview", "2025-03-11", "gpt-5.6-luna", "2026-07-23", rules.GPT_4O_MINI),
)
# Only that snapshot is gone; the name without a date means a newer one.
_STILL_THERE = ("gpt-4o",)


def _retired() -> Mapping[str, Retired]:
    dead: dict[str, Retired] = {}
    for name, snapshot, successor, day, tokens in _SHUT_DOWN:
        entry = Retired(successor, Evidence("documented", f"{_DEPRECATIONS} {day}", day), tokens)
        dead[f"{name}-{snapshot}"] = entry
        if name not in _STILL_THERE:
            dead[name] = entry
    return dead


RETIRED = _retired()
