"""The tables of facts: every figure has its evidence, and no name leads to another's figures.

Against a second list, Pydantic's genai-prices, where it knows the same model.
"""

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from grok_vision.chat import TextPart, compose
from grok_vision.errors import VisionError
from grok_vision.providers import (
    PROVIDERS,
    Evidence,
    ModelProfile,
    Prices,
    Provider,
    considered,
    endpoint,
    listed,
)
from grok_vision.providers.evidence import Grade
from grok_vision.providers.families import FAMILIES
from grok_vision.providers.known_models import profile_of
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import describe, error_text, saved

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent
# The tables were read on this day or later; no fact can be younger.
READ = max(date(2026, 11, 21), datetime.now(UTC).date())

BY_NAME = {provider.name: provider for provider in PROVIDERS}
MODELS = [(provider, model) for provider in PROVIDERS for model in provider.models]
PRICED = [
    pytest.param(provider, model, id=f"{provider.name}-{model.name}")
    for provider, model in MODELS
    if model.prices
]


def values_in(fact: object, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every dataclass within `fact`, with the way to it."""
    if dataclasses.is_dataclass(fact):
        yield path, fact
        for each in dataclasses.fields(fact):
            yield from values_in(getattr(fact, each.name), f"{path}.{each.name}")
    elif isinstance(fact, Mapping):
        for key, value in fact.items():
            yield from values_in(value, f"{path}[{key}]")
    elif isinstance(fact, tuple):
        for number, value in enumerate(fact):
            yield from values_in(value, f"{path}[{number}]")


FACTS = [
    found
    for top in (*PROVIDERS, *FAMILIES)
    for found in values_in(top, f"{type(top).__name__}({top.name})")
]


def names_of(model: ModelProfile) -> tuple[str, ...]:
    return (model.name, *model.aliases)


# --- every figure has its evidence ---------------------------------------------------------------


def test_every_fact_says_how_it_is_known() -> None:
    bare = {"Fit", "Fits", "Evidence"}
    unproven = [
        path
        for path, fact in FACTS
        if type(fact).__name__ not in bare
        and not isinstance(getattr(fact, "evidence", None), Evidence)
    ]
    assert unproven == []


def test_a_fit_is_part_of_a_fact_that_says_how_it_is_known() -> None:
    """Sizes have no evidence of their own, so they must hang below something that has."""
    ways = dict(FACTS)
    for path, fact in FACTS:
        if type(fact).__name__ == "Fits":
            assert hasattr(ways[path.rpartition(".")[0]], "evidence"), path


def test_evidence_has_a_grade_a_source_and_a_day_that_has_been() -> None:
    wrong = []
    for path, fact in FACTS:
        if isinstance(fact, Evidence):
            days = (*fact.date.split("-"), "1", "1")[:3]
            is_dated = re.fullmatch(r"20\d\d(-\d\d){0,2}", fact.date)
            in_time = is_dated and date(*map(int, days)) <= READ
            if fact.grade not in get_args(Grade) or not fact.source.strip() or not in_time:
                wrong.append((path, fact))
    assert wrong == []


def test_no_source_is_a_place_that_readers_cannot_go_to() -> None:
    places = " ".join(fact.source for _, fact in FACTS if isinstance(fact, Evidence))
    assert not re.search(r"^/|\.\./|\bid \d{6,}|localhost", places)


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_name_means_one_model_only(provider: Provider) -> None:
    names = [name for model in provider.models for name in names_of(model)]
    assert len(names) == len(set(names))
    assert not set(names) & set(provider.redirected)
    assert not set(provider.retired) & set(provider.redirected)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_name_leads_to_its_own_entry(provider: Provider) -> None:
    for model in provider.models:
        for name in names_of(model):
            assert provider.known(name) is model


def test_what_stands_for_a_retired_model_is_known_and_alive() -> None:
    for provider in PROVIDERS:
        heirs = {entry.successor for entry in provider.retired.values()}
        heirs |= {entry.to for entry in provider.redirected.values()}
        for heir in heirs:
            assert provider.known(heir), (provider.name, heir)
            assert heir not in provider.retired


def test_a_default_model_is_known_and_alive() -> None:
    for provider in PROVIDERS:
        if provider.models:
            assert provider.known(provider.default_model), provider.name
            assert provider.default_model not in provider.retired


# Names in api.x.ai/v1/language-models and in OpenAI's catalogue, by litellm 1.109.1.
NAMES = [
    ("xai", "grok-4.20", "grok-4.20-0309-reasoning"),
    ("xai", "grok-4.20-0309", "grok-4.20-0309-reasoning"),
    ("xai", "grok-4.20-beta-latest", "grok-4.20-0309-reasoning"),
    ("xai", "grok-4.20-multi-agent-experimental-beta-0304", "grok-4.20-0309-reasoning"),
    ("xai", "grok-4.20-non-reasoning-gv2", "grok-4.20-0309-non-reasoning"),
    ("xai", "grok-4.20-beta-latest-non-reasoning", "grok-4.20-0309-non-reasoning"),
    ("xai", "grok-4.20-experimental-beta-non-reasoning-latest", "grok-4.20-0309-non-reasoning"),
    ("xai", "grok-build-latest", "grok-4.5"),
    ("xai", "grok-4.6-latest", "grok-4.6"),
    ("xai", "grok-4.7-mini", None),
    ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
    ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
    ("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
    ("openai", "gpt-4.1-nano-2025-04-14", "gpt-4.1-nano"),
    ("openai", "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"),
    ("openai", "gpt-5-2025-08-07", "gpt-5"),
    ("openai", "gpt-5-mini-2025-08-07", "gpt-5-mini"),
    ("openai", "gpt-5.4-2026-03-05", "gpt-5.4"),
    ("openai", "gpt-5.4-nano-2026-03-17", "gpt-5.4-nano"),
    ("openai", "gpt-5.6", "gpt-5.6-sol"),
    # They cost and answer otherwise than the model whose name they begin with.
    ("openai", "gpt-5.4-pro-2026-03-05", None),
    ("openai", "gpt-5-pro", None),
    ("openai", "gpt-4o-realtime-preview", None),
    ("openai", "gpt-4o-audio-preview-2024-12-17", None),
    ("openai", "o1-mini-2024-09-12", None),
    ("openai", "o3-deep-research-2025-06-26", None),
]


@pytest.mark.parametrize(("provider", "name", "entry"), NAMES)
def test_a_variant_of_a_name_leads_to_the_model_that_it_is(
    provider: str, name: str, entry: str | None
) -> None:
    found = BY_NAME[provider].known(name)
    assert (found.name if found else None) == entry


@pytest.mark.parametrize(
    "name",
    ["gpt-4o-2024-05-13", "o4-mini", "o1-2024-12-17", "gpt-4.1-nano", "computer-use-preview"],
)
def test_a_model_that_openai_shut_down_is_refused_there_and_known_elsewhere(name: str) -> None:
    with pytest.raises(VisionError, match="no longer answers"):
        endpoint(Settings(openai_api_key="k")).choose(name)
    relay = endpoint(Settings(provider="openai", api_key="k", base_url="https://relay.example/v1"))
    assert relay.choose(name).profile.context_window


def test_a_dated_end_of_one_snapshot_leaves_the_others_alone() -> None:
    target = endpoint(Settings(openai_api_key="k"))
    for name in ("gpt-4o", "gpt-4o-2024-08-06", "gpt-5", "gpt-4.1", "o3"):
        assert target.choose(name).warnings == ()


# --- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "model"), PRICED)
def test_prices_are_in_proportion(provider: Provider, model: ModelProfile) -> None:
    prices = model.prices
    assert prices
    assert 0 < prices.cached <= prices.input < prices.output
    assert prices.cache_write is None or prices.input < prices.cache_write < prices.output
    assert prices.long_context_factor >= 1
    assert (prices.long_context_from is None) == (prices.long_context_factor == 1)
    assert model.context_window
    assert (model.max_output or 0) < model.context_window
    assert (model.max_input or 0) < model.context_window
    assert (prices.long_context_from or 0) < model.context_window


# Where the two lists differ, and why ours is kept.
DIFFERENCES = {
    # genai-prices has it as a name of 4.5, which it was until 4.6 came (pydantic-ai 2.68.0).
    ("xai", "grok-latest", "prices"),
    # genai-prices has rounded windows; litellm 1.109.1 and the vendors' pages have these.
    ("openai", "gpt-5.5", "window"),
    ("openai", "gpt-4.1", "window"),
    ("openai", "gpt-4.1-mini", "window"),
    ("openai", "gpt-4.1-nano", "window"),
    ("together", "deepseek-ai/DeepSeek-V4.1-Flash-1017", "window"),
}


def figures(prices: Prices) -> tuple[float | None, ...]:
    """Return the prices below and above the border between them, and where it is."""
    below, above = prices.long_context_from, 1.0
    if below is None:
        return (prices.input, prices.cached, prices.output, None)
    above = prices.long_output_factor or prices.long_context_factor
    return (prices.input, prices.cached, prices.output, below, prices.long_context_factor, above)


@pytest.mark.parametrize(("provider", "model"), PRICED)
def test_prices_and_windows_are_those_of_a_second_list(
    provider: Provider, model: ModelProfile
) -> None:
    found = listed(provider, model.name)
    if found is None:
        return  # The list may be older than the model.
    assert model.prices
    assert model.prices.cache_write == found.prices.cache_write
    same_prices = figures(model.prices) == figures(found.prices)
    same_window = found.context_window in {None, model.context_window}
    assert same_prices == ((provider.name, model.name, "prices") not in DIFFERENCES)
    assert same_window == ((provider.name, model.name, "window") not in DIFFERENCES)


def test_the_second_list_knows_nearly_all_models() -> None:
    """What it knows is what the test above compares."""
    known = [model for provider, model in MODELS if model.prices and listed(provider, model.name)]
    assert len(known) > 0.8 * len(PRICED)


def test_pictures_fit_into_the_request_that_carries_them() -> None:
    for provider in PROVIDERS:
        limits = provider.images
        assert limits.formats == ("JPEG", "PNG")
        together = limits.max_total_bytes or limits.max_bytes
        assert limits.max_bytes <= together
        if provider.max_body_bytes is not None:
            assert together * 4 / 3 < provider.max_body_bytes


def test_what_groq_cannot_see_or_would_refuse_for_its_size_is_shrunk() -> None:
    choice = considered(Settings(groq_api_key="k"))
    assert choice.images.max_images == 3
    for detail in ("auto", "low", "high"):
        scale = choice.images.fits.at(detail).scale(12_000, 8_000)
        assert 12_000 * 8_000 * scale**2 == pytest.approx(2048 * 32 * 32)


# --- a new model is one entry -------------------------------------------------------------------


def test_a_model_is_added_with_one_entry() -> None:
    """As CONTRIBUTING.md shows it; no other line knows a model's name."""
    seen = Evidence("documented", "docs.example.com/models", "2026-11-21")
    newest = ModelProfile(
        name="gpt-7-nova",
        aliases=("gpt-7",),
        matches=("gpt-7-nova-20??-??-??",),
        context_window=2_000_000,
        prices=Prices(input=3.0, cached=0.3, output=12.0, evidence=seen),
        evidence=seen,
    )
    ours = BY_NAME["openai"]
    provider = dataclasses.replace(ours, models=(*ours.models, newest))
    for name in ("gpt-7-nova", "gpt-7", "gpt-7-nova-2027-01-31"):
        profile = profile_of(provider, name)
        assert (profile.name, profile.prices) == (name, newest.prices)
    # Who relays it counts alike, and says its own price.
    relayed = profile_of(BY_NAME["openrouter"], "openai/gpt-7-nova", (provider,))
    assert (relayed.tokens, relayed.context_window) == (ours.tokens, 2_000_000)
    assert relayed.prices is None
    assert profile_of(ours, "gpt-7-nova").prices is None


def test_a_host_of_an_open_model_does_not_lend_its_own_rule() -> None:
    at_groq = considered(Settings(groq_api_key="k"), "qwen/qwen3.8-27b")
    elsewhere = endpoint(Settings(openrouter_api_key="k")).choose("qwen/qwen3.8-27b")
    assert at_groq.tokens.name == "groq: flat 2048"
    assert elsewhere.tokens.name.startswith("qwen3-vl")


def test_the_guide_shows_an_entry_that_fits_into_the_table() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    lines = guide.partition("```diff\n")[2].partition("```")[0].splitlines()
    table = (ROOT / lines[1].removeprefix("+++ b/")).read_text("utf-8")
    context = [line[1:] for line in lines[2:] if line.startswith(" ")]
    (entry,) = (line[1:] for line in lines[2:] if line.startswith("+"))
    assert context
    assert all(f"{line}\n" in table for line in context)
    # As it stands in the table, so it can stand next to it.
    helper = re.compile(r'    _newest\("[\w.-]+", rules\.\w+, [\d., ]+("[\w.-]+")?\),')
    assert helper.fullmatch(entry)
    assert all(helper.fullmatch(line) for line in context)


# --- habits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "model", "roles"),
    [
        # vllm-project/vllm#8854: its template refuses a system message beside pictures.
        ("vllm", "meta-llama/Llama-3.2-11B-Vision-Instruct", ["user"]),
        ("openrouter", "meta-llama/llama-3.2-90b-vision-instruct", ["user"]),
        ("vllm", "Qwen/Qwen3-VL-8B-Instruct", ["system", "user"]),
        ("ollama", "unheard-of", ["system", "user"]),
    ],
)
def test_the_system_words_go_where_the_model_takes_them(
    provider: str, model: str, roles: list[str]
) -> None:
    target = endpoint(
        Settings(provider=provider, api_key="k" if provider == "openrouter" else None)
    )
    request = compose(target.provider, target.choose(model).profile, words="What?", pictures=())
    assert [message.role for message in request.messages] == roles
    first, last = request.messages[0].parts[0], request.messages[-1].parts[0]
    assert isinstance(first, TextPart)
    assert isinstance(last, TextPart)
    assert first.text.startswith("You are the eyes of another program.")
    assert last.text.endswith("What?")


@pytest.mark.parametrize(
    ("provider", "headers", "told"),
    [
        # developers.openai.com/api/reference: ids begin with `req_`.
        ("openai", {"x-request-id": "req_5f3a9c"}, "request req_5f3a9c"),
        # togethercomputer/together-python: together_response.py reads `cf-ray`.
        ("together", {"cf-ray": "9a1b2c3d4e5f-FRA", "x-request-id": ""}, "9a1b2c3d4e5f-FRA"),
        # Toloka/tolokaforge#1242.
        ("openrouter", {"x-generation-id": "gen-1763-aB", "x-request-id": "b"}, "gen-1763-aB"),
        ("groq", {"x-request-id": "two words"}, "(HTTP 500)"),
        ("groq", {"x-request-id": "gsk_secret"}, "(HTTP 500)"),
    ],
)
async def test_an_error_names_the_call_as_its_provider_does(
    xai: FakeXAI, folder: Path, provider: str, headers: dict[str, str], told: str
) -> None:
    xai.fail(500, headers=headers)
    settings = {"setting_provider": provider, "setting_api_key": "gsk_secret", "model": "m"}
    text = error_text(await describe(xai, folder, saved(folder), **settings, setting_retries=0))
    assert told in text
    assert "gsk_secret" not in text


# --- the price list -----------------------------------------------------------------------------

# Prices of openrouter.ai/models, as genai-prices 0.2.3 has them.
LISTED = [
    ("openrouter", "openai/gpt-4o", (2.5, 1.25, 10.0, None), 128_000),
    ("openrouter", "OpenAI/GPT-4o", (2.5, 1.25, 10.0, None), 128_000),
    ("openrouter", "anthropic/claude-sonnet-4.5", (3.0, 0.3, 15.0, 200_001, 2.0, 1.5), 1_000_000),
    ("openrouter", "x-ai/grok-4.3", (1.25, 0.2, 2.5, 200_001, 2.0, 2.0), 1_000_000),
    # A price that changed on 2026-10-19, from 0.40 and 1.60 without tiers.
    ("openrouter", "qwen/qwen3.7-plus", (0.32, 0.064, 1.28, 256_001, 3.0, 3.0), 1_000_000),
    ("openrouter", "bytedance-research/ui-tars-72b:free", (0.0, 0.0, 0.0, None), None),
    ("xai", "grok-4.6-20260812", (2.0, 0.5, 6.0, 200_000, 2.0, 2.0), 500_000),
]


@pytest.mark.parametrize(("provider", "model", "prices", "window"), LISTED)
def test_models_that_no_table_holds_have_their_listed_prices(
    provider: str, model: str, prices: tuple[float | None, ...], window: int | None
) -> None:
    found = listed(BY_NAME[provider], model)
    assert found
    assert (figures(found.prices), found.context_window) == (prices, window)
    assert found.prices.evidence.grade == "third party"
    assert found.prices.evidence.source.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("xai", "grok-voice-latest"),  # billed by the hour
        ("openai", "gpt-image-2"),  # pictures cost more than words
        ("openai", "gpt-5-nano-foo"),  # begins like one that is listed
        ("openai", "my-gpt-4o-realtime"),
        ("openrouter", "openai/gpt-4o:nitro"),
        ("openrouter", "stealth/crouton-alpha"),  # listed without a price
        ("together", "somebody/Qwen/Qwen3.5-9B-FP8-bb04c904"),
        ("ollama", "gpt-4o"),
        ("custom", "gpt-4o"),
        ("local", "gpt-4o"),
    ],
)
def test_a_model_that_is_not_listed_has_no_price(provider: str, model: str) -> None:
    assert listed(BY_NAME[provider], model) is None


def test_the_price_list_is_read_at_the_first_question_and_nothing_is_fetched() -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "import grok_vision.providers as providers\n"
        "assert 'genai_prices' not in sys.modules\n"
        "found = [providers.listed(each, 'openai/gpt-4o') for each in providers.PROVIDERS]\n"
        "assert 'genai_prices.data' in sys.modules\n"
        "print(sum(each is not None for each in found))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
