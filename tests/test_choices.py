"""What is known of a model by its name and its address: its price, its rule, and how it answers."""

from pathlib import Path
from typing import Any

import pytest

from grok_vision.errors import VisionError
from grok_vision.providers import (
    PROVIDERS,
    Choice,
    Evidence,
    Prices,
    considered,
    endpoint,
    listed,
    model_table,
)
from grok_vision.settings import Settings
from grok_vision.tokens import Count, estimate
from grok_vision.vision.expectation import Expectation, check_window, reserved
from tests.fake_xai import FakeXAI
from tests.support import connected, describe, saved, structured

pytestmark = pytest.mark.anyio

BY_NAME = {provider.name: provider for provider in PROVIDERS}
RELAY = "https://relay.example/v1"


def chosen(provider: str, model: str, base_url: str | None = None) -> Choice:
    settings = Settings(provider=provider, api_key="k", base_url=base_url, model=model)
    return endpoint(settings).choose()


# --- what a model is at a server that is not its maker's ------------------------------------------


@pytest.mark.parametrize(
    ("model", "hidden", "reasons"),
    [
        ("x-ai/grok-4.6", 630, True),
        ("openai/o3", 0, True),
        ("openai/gpt-6-astra", 0, True),
        # They reason unless told not to, which only their maker's server surely understands.
        ("x-ai/grok-4.3", 180, True),
        ("openai/gpt-5-mini", 0, True),
        ("openai/gpt-4o", 0, False),
        ("openai/gpt-5.4", 0, False),
        ("x-ai/grok-4-fast-non-reasoning", 180, False),
    ],
)
def test_what_a_model_bills_beside_the_words_is_known_wherever_it_is_served(
    model: str, hidden: int, reasons: bool
) -> None:
    profile = chosen("openrouter", model).profile
    assert (profile.hidden_tokens, profile.always_reasons) == (hidden, reasons)
    assert (profile.reasoning_effort, profile.prices) == (None, None)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        # openrouter.ai/docs/features/model-routing: variants of a name.
        ("openai/gpt-4o:nitro", "openai: 85 + 170 for each 512-pixel tile"),
        ("x-ai/grok-4.6:free", "xai: 32-pixel patches + 2"),
        ("x-ai/grok-4:extended", "xai: 32-pixel patches + 2, not verified"),
        ("anthropic/claude-opus-4.8:thinking", "claude: 28-pixel cells, at most 4784"),
        # Retired by their makers, with a rule.
        ("x-ai/grok-2-vision-1212", "xai: 448-pixel tiles, as grok-2-vision"),
        ("openai/gpt-4o-search-preview", "openai: 85 + 170 for each 512-pixel tile"),
        # Recorded was V4 alone.
        ("deepseek/deepseek-v4", "deepseek-4: by longer side"),
        ("deepseek/deepseek-v4-flash", "deepseek-4: by longer side"),
        ("deepseek/deepseek-v4.1-flash", "deepseek-4: by longer side, not verified"),
    ],
)
def test_a_variant_of_a_model_counts_as_the_model(model: str, rule: str) -> None:
    assert chosen("openrouter", model).tokens.name == rule


@pytest.mark.parametrize(
    ("provider", "model", "grade"),
    [
        ("openai", "gpt-3.5-turbo", "assumed"),
        ("openai", "gpt-9", "assumed"),
        ("groq", "somebody/sees", "assumed"),
        ("groq", "qwen/qwen3.8-27b", "documented"),
        ("openai", "gpt-5.4", "documented"),
    ],
)
def test_how_an_unknown_model_counts_is_assumed(provider: str, model: str, grade: str) -> None:
    assert chosen(provider, model).tokens.evidence.grade == grade


def test_a_fine_tuned_model_counts_as_its_base_and_has_its_own_price() -> None:
    """OpenAI's names of them (platform.openai.com/docs/guides/fine-tuning)."""
    tuned = chosen("openai", "ft:gpt-4o-mini-2024-07-18:acme::B1x")
    base = chosen("openai", "gpt-4o-mini")
    assert tuned.tokens == base.tokens
    assert tuned.profile.context_window == 128_000
    assert (tuned.prices, tuned.profile.reasoning_effort) == (None, None)


# --- retired names that still answer --------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        # docs.x.ai/developers/migration/may-15-retirement.md: effort "low", else "none".
        ("grok-4-0709", True),
        ("grok-4-fast-reasoning", True),
        ("grok-4-1-fast-reasoning", True),
        ("grok-4-fast-non-reasoning", False),
        ("grok-4-1-fast-non-reasoning", False),
        ("grok-3", False),
        # Other names of these by genai-prices 0.2.3.
        ("grok-4", True),
        ("grok-4-latest", True),
        ("grok-4-fast", True),
        ("grok-4-fast-reasoning-latest", True),
        ("grok-4-1-fast", True),
        ("grok-4-1-fast-reasoning-latest", True),
        ("grok-4-fast-non-reasoning-latest", False),
        ("grok-4-1-fast-non-reasoning-latest", False),
        ("grok-3-latest", False),
    ],
)
def test_a_retired_name_of_xai_reasons_and_costs_as_what_answers(model: str, reasons: bool) -> None:
    choice = chosen("xai", model)
    (told,) = choice.warnings
    assert told.startswith(f"{model} is retired: grok-4.3 answers in its place, at $1.25")
    assert choice.prices == chosen("xai", "grok-4.3").prices
    assert (choice.profile.always_reasons, choice.profile.reasoning_effort) == (reasons, None)


@pytest.mark.parametrize(
    "model",
    [
        "grok-4-fast-non-reasoning-latest",
        "grok-4-latest",
        "GROK-4-0709",
        "grok-3-mini",
        "grok-3-mini-fast-latest",
        "grok-2-1212",
        "grok-code-fast",
    ],
)
def test_an_old_price_of_a_retired_name_is_no_price(model: str) -> None:
    """genai-prices 0.2.3 still has what these cost until 2026-05-15."""
    assert listed(BY_NAME["xai"], model) is None


async def test_answers_to_a_retired_name_are_held_against_its_estimate(
    xai: FakeXAI, folder: Path
) -> None:
    """The name's rule is a flat 256; the stand-in counts as grok-4.3, which answers."""
    path = saved(folder)
    xai.answer = lambda request: blown_up(xai.completion(request, "A."))
    call = {"image": path, "model": "grok-4-fast-reasoning"}
    async with connected(xai, folder) as client:
        assert structured(await client.call_tool("describe_image", call))["model"] == "grok-4.3"
        asked = {"images": [path], "model": "grok-4-fast-reasoning"}
        found = structured(await client.call_tool("estimate_tokens", asked))
    assert found["image_tokens"] == 256
    (told,) = [warning for warning in found["warnings"] if "no longer hold" in warning]
    assert told.startswith("By one answer of grok-4.3 to this server")


def blown_up(body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer with 1,500 tokens for the picture."""
    details = {**body["usage"]["prompt_tokens_details"], "image_tokens": 1_500}
    return {**body, "usage": {**body["usage"], "prompt_tokens_details": details}}


# --- who answered ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "asked", "answered", "name"),
    [
        ("xai", "grok-4.6", "grok-4.6-20260812", "grok-4.6"),
        ("xai", "grok-latest", "grok-4.6", "grok-4.6"),
        ("xai", "grok-4-fast", "grok-4.3", "grok-4.3"),
        ("xai", "grok-4-fast", "who-knows", None),
        ("openrouter", "openrouter/auto", "openai/gpt-4o", None),
        ("openrouter", "openai/gpt-4o", "openai/gpt-4o-mini", None),
        ("openrouter", "openai/gpt-4o", "openai/gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("openrouter", "openai/gpt-4o:nitro", "openai/gpt-4o", "openai/gpt-4o:nitro"),
        ("openrouter", "openai/gpt-4o", "", "openai/gpt-4o"),
        # Its canonical names turn the words round.
        (
            "openrouter",
            "anthropic/claude-sonnet-4.5",
            "anthropic/claude-4.5-sonnet-20250929",
            "anthropic/claude-sonnet-4.5",
        ),
        ("custom", "eyes", "gpt-4o", None),
        # One model, loaded from a file.
        ("llamacpp", "default", "/models/qwen3-vl-8b.gguf", "default"),
    ],
)
def test_an_answer_teaches_about_the_model_that_it_names(
    provider: str, asked: str, answered: str, name: str | None
) -> None:
    base_url = RELAY if provider == "custom" else None
    found = chosen(provider, asked, base_url).answered_by(answered)
    assert (found.known_as if found else None) == name


# --- prices by address ----------------------------------------------------------------------------


def test_prices_hold_at_the_providers_own_address() -> None:
    choice = chosen("xai", "grok-4.6")
    assert choice.prices
    assert choice.prices == choice.profile.prices
    assert not choice.prices_are_presumed


@pytest.mark.parametrize("address", ["https://us.api.x.ai/v1", "https://US.api.x.ai/v1"])
def test_a_region_of_the_provider_is_dearer_by_its_factor(address: str) -> None:
    """docs.x.ai, regional endpoints, 2026-09: 10 % more."""
    prices = chosen("xai", "grok-4.6", address).prices
    assert prices
    assert prices.cost(100_000, 1_000) == pytest.approx(1.1 * (0.20 + 0.006))
    assert prices.cost(200_000, 0) == pytest.approx(1.1 * 0.80)


def test_at_another_address_the_providers_prices_are_presumed_and_that_is_told() -> None:
    choice = chosen("xai", "grok-4.6", RELAY)
    assert choice.prices == chosen("xai", "grok-4.6").prices
    result = estimate(choice, [], words=["Hi"], detail="auto", max_output_tokens=10)
    assert result.cost_usd is not None
    assert "The prices are those of xAI: relay.example answers." in result.warnings
    assert reserved(choice, 100_000, 1_000) == pytest.approx(0.20 + 3 * 0.006)


def test_what_bills_nothing_costs_nothing() -> None:
    prices = chosen("ollama", "qwen3-vl").prices
    assert prices
    assert (prices.cost(10_000, 10_000), prices.most(10_000, 10_000)) == (0.0, 0.0)


def test_an_estimate_for_another_address_stays_there() -> None:
    settings = Settings(provider="xai", api_key="k", base_url=RELAY)
    choice = considered(settings, "gpt-4o")
    assert (choice.provider.name, choice.elsewhere) == ("xai", "relay.example")
    assert choice.warnings == ()
    assert choice.tokens.name == "openai: 85 + 170 for each 512-pixel tile"
    assert choice.prices is None


@pytest.mark.parametrize(
    ("model", "provider", "named"),
    [("gpt-4o", "openai", "gpt-4o"), ("grok-4.6", "xai", "grok-4.6"), ("", "xai", "grok-4.3")],
)
def test_without_a_key_the_configured_model_is_reckoned_with(
    model: str, provider: str, named: str
) -> None:
    choice = considered(Settings(model=model))
    assert (choice.provider.name, choice.profile.name) == (provider, named)
    assert choice.warnings[0].startswith("no key is configured")


def test_the_offline_engine_that_was_asked_for_ignores_the_configured_model() -> None:
    assert considered(Settings(provider="local", model="gpt-4o")).profile.name == "local/ocr"


def test_the_offline_engine_has_no_address_to_stay_at() -> None:
    settings = Settings(provider="local", base_url=RELAY)
    assert considered(settings, "gpt-4o").provider.name == "openai"


def test_a_provider_is_not_given_the_price_of_anothers_model() -> None:
    rows = model_table(Settings(xai_api_key="k", model="gpt-4o"), lambda _: 1).models
    (row,) = (row for row in rows if row.default)
    assert (row.provider, row.model, row.input_usd) == ("xai", "gpt-4o", None)


# --- what a call costs at most, and what it may hold ----------------------------------------------

SEEN = Evidence("documented", "docs.example.com", "2026-11-21")


def test_all_input_may_be_kept_in_the_cache() -> None:
    prices = Prices(input=4.0, cached=0.4, output=20.0, cache_write=5.0, evidence=SEEN)
    assert prices.cost(1_000_000, 100_000) == 6.0
    assert prices.most(1_000_000, 100_000) == 7.0
    plain = Prices(input=4.0, cached=0.4, output=20.0, evidence=SEEN)
    assert plain.most(1_000_000, 100_000) == 6.0


def test_what_is_held_back_and_the_upper_cost_reckon_with_the_cache() -> None:
    """gpt-5.6 and later: input that is kept costs 1.25 as much (litellm 1.109.1)."""
    choice = chosen("openai", "gpt-5.6-sol")
    result = estimate(choice, [], words=["Hi"], detail="auto", max_output_tokens=0)
    assert result.cost_usd == pytest.approx(result.input_tokens * 4e-6)
    assert result.cost_usd_max == pytest.approx(result.input_tokens_max * 5e-6)
    assert reserved(choice, 10_000, 1_000) == pytest.approx(10_000 * 5e-6 + 1_000 * 20e-6)
    assert chosen("openai", "gpt-5.5").prices == chosen("openai", "gpt-5.5").profile.prices
    assert reserved(chosen("openai", "gpt-5.5"), 10_000, 1_000) == pytest.approx(0.05 + 0.03)


@pytest.mark.parametrize(
    ("model", "most"),
    # max_input_tokens of litellm 1.109.1.
    [
        ("gpt-5", 272_000),
        ("gpt-5.4-mini", 272_000),
        ("gpt-5.6-sol", 922_000),
        ("gpt-6-luna", 922_000),
        ("gpt-5.5", 1_050_000),
        ("gpt-4o", 128_000),
    ],
)
def test_what_a_model_reads_may_be_less_than_its_window(model: str, most: int) -> None:
    choice = chosen("openai", model)
    full = Expectation(input=Count(most, most, most), usd=0.0, sizes=(), detail="auto")
    check_window(full, choice)
    over = Expectation(input=Count(most + 1, most + 1, most + 1), usd=0.0, sizes=(), detail="auto")
    with pytest.raises(VisionError, match=f"reads {most:,}"):
        check_window(over, choice)


def test_an_estimate_fits_only_what_the_model_reads() -> None:
    choice = chosen("openai", "gpt-5-mini")
    words = ["look " * 120_000]
    result = estimate(choice, [], words=words, detail="auto", max_output_tokens=0)
    assert 272_000 < result.input_tokens_max < 400_000
    assert result.fits is False
    told = "gpt-5-mini reads 272000 tokens at most: the rest of its window is for the answer."
    assert told in result.warnings
    half = estimate(choice, [], words=["look " * 60_000], detail="auto", max_output_tokens=0)
    assert half.fits is True
    assert half.warnings == []


async def test_a_region_of_xai_is_asked_with_its_own_price(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda request: without_cost(xai.completion(request, "A."))
    given = {"setting_base_url": "https://us.api.x.ai/v1", "setting_model": "grok-4.6"}
    here = structured(await describe(xai, folder, saved(folder), setting_model="grok-4.6"))
    there = structured(await describe(xai, folder, saved(folder), **given))
    relayed = structured(
        await describe(xai, folder, saved(folder), **given | {"setting_base_url": RELAY})
    )
    assert here["usage"]["cost_source"] == "computed"
    assert there["usage"]["cost_usd"] == pytest.approx(1.1 * here["usage"]["cost_usd"])
    assert relayed["usage"]["cost_usd"] == here["usage"]["cost_usd"]


def without_cost(body: dict[str, Any]) -> dict[str, Any]:
    return {
        **body,
        "usage": {name: told for name, told in body["usage"].items() if "ticks" not in name},
    }


@pytest.mark.parametrize(
    "spelled",
    ["https://API.x.ai/v1", "HTTPS://api.x.ai:443/v1/", "https://api.x.ai/v1"],
)
def test_the_providers_own_address_counts_as_such_however_it_is_spelled(spelled: str) -> None:
    target = endpoint(Settings(xai_api_key="k", base_url=spelled))
    assert target.base_url == "https://api.x.ai/v1"
    assert target.own_address
    assert target.choose().elsewhere == ""


def test_a_known_region_is_found_with_its_port() -> None:
    choice = endpoint(Settings(xai_api_key="k", base_url="https://us.api.x.ai:443/v1")).choose()
    assert choice.prices is not None
    assert choice.prices.input == pytest.approx(1.25 * 1.1)


def test_retired_names_are_known_in_any_case() -> None:
    target = endpoint(Settings(xai_api_key="k"))
    assert target.choose("Grok-4-Fast").redirected
    with pytest.raises(VisionError, match="no longer answers"):
        target.choose("Grok-2-Vision-1212")
