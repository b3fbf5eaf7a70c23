"""Tokens of pictures and words, against what was recorded, published and counted by others."""

import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grok_vision.providers import (
    PROVIDERS,
    Flat,
    Patches,
    TokenRule,
    considered,
)
from grok_vision.settings import Settings
from grok_vision.tokens import image_tokens, text_tokens
from grok_vision.vocabulary import Detail

DATA = Path(__file__).parent / "data"
ROWS: list[dict[str, Any]] = json.loads((DATA / "image_tokens.json").read_text())
TEXTS: dict[str, Any] = json.loads((DATA / "text_tokens.json").read_text())

# What a row calls a model, where that is not a model's name, and what it is asked as.
SPELLED = {
    "grok-4.6 (probe, model inferred)": ["grok-4.6"],
    "llama-4-scout/maverick (shut down)": [
        "meta-llama/llama-4-scout-17b-16e-instruct",
        "meta-llama/llama-4-maverick-17b-128e-instruct",
    ],
    "Qwen2.5-VL-72B": ["Qwen/Qwen2.5-VL-72B-Instruct", "qwen2.5vl:72b"],
    "qwen3-vl/qwen-vl-max": ["qwen3-vl", "qwen-vl-max"],
    # The one of the smaller patch models whose budget was never raised.
    "budget 1536": ["gpt-4.1-nano"],
}
# Who serves it, where that is nobody of whom there are facts: any endpoint that is not known.
SERVED_BY = {
    "azure-openai": "openai",
    "openai-patch": "openai",
    "hf-nebius": "custom",
    "mistral": "custom",
    "alibaba": "custom",
}
ANY_SIZE = [(1, 1), (597, 566), (4000, 3000)]


def published() -> list[Any]:
    """Every row, under every name of its model, for every size that it holds for."""
    return [
        pytest.param(
            row,
            name,
            size,
            id=f"{row['source'] or row['kind']} {name} {size[0]}x{size[1]} {row['detail']}",
        )
        for row in ROWS
        for name in SPELLED.get(row["model"], [row["model"]])
        for size in (ANY_SIZE if row["width"] == "any" else [(row["width"], row["height"])])
    ]


def rule_of(model: str, provider: str = "auto") -> TokenRule:
    return considered(Settings(provider=provider), model).tokens


def counted(model: str, size: tuple[int, int], detail: Detail = "auto") -> int:
    return image_tokens(rule_of(model), size, detail).tokens


@pytest.mark.parametrize(("row", "name", "size"), published())
@pytest.mark.parametrize("asked", ["by its provider", "by nobody in particular"])
def test_a_published_figure_is_met_within_one_token(
    row: dict[str, Any], name: str, size: tuple[int, int], asked: str
) -> None:
    provider = SERVED_BY.get(row["provider"], row["provider"])
    rule = rule_of(name, provider if asked == "by its provider" else "auto")
    if row["what"] == "patches":
        assert isinstance(rule, Patches)
        rule = replace(rule, multiplier=1.0)
    count = image_tokens(rule, size, "auto" if row["detail"] == "-" else row["detail"])
    assert abs(count.tokens - row["tokens"]) <= 1
    assert count.least <= row["tokens"] + 1
    assert count.most >= row["tokens"] - 1


@pytest.mark.parametrize(
    ("source", "model", "size", "detail", "tokens"),
    [
        ("OpenAI vision guide", "gpt-4o", (2048, 4096), "high", 1105),
        ("OpenAI vision guide", "gpt-4.1-mini", (1024, 1024), "high", 1659),
        ("OpenAI vision guide, in floating point 244", "gpt-4.1-mini", (181, 774), "auto", 243),
        ("OpenAI vision guide, low above high", "gpt-5.4", (2048, 1536), "low", 3687),
        ("OpenAI vision guide, low above high", "gpt-5.4", (2048, 1536), "high", 2942),
        ("OpenAI vision guide, as many as it takes", "gpt-5.6-sol", (8000, 3840), "auto", 36000),
        ("pydantic-ai cassettes, 483 - 307", "mistral-medium-latest", (400, 301), "auto", 176),
        ("pydantic-ai cassettes, prompt 448", "qwen2.5-vl-72b", (597, 566), "auto", 422),
        ("pydantic-ai cassettes, 727 + 1595", "llama-4-scout", (3008, 2000), "auto", 2322),
        ("pydantic-ai cassettes, 727 - 290", "llama-4-scout", (400, 301), "auto", 437),
        ("transformers 5.23.0, one tile", "llama-4-scout", (336, 336), "auto", 147),
        ("pydantic-ai cassettes", "claude-sonnet-4-5", (597, 566), "auto", 462),
        ("litellm 1.109.1", "anthropic/claude-3.5-sonnet", (1092, 1092), "auto", 1521),
        ("litellm 1.109.1", "claude-3-5-sonnet-20241022", (3000, 2000), "auto", 1536),
        ("litellm 1.109.1", "anthropic/claude-opus-4.8", (3000, 2000), "auto", 4704),
        ("transformers 5.23.0", "internvl3-8b", (448, 448), "auto", 256),
        ("transformers 5.23.0", "internvl3-8b", (900, 450), "auto", 768),
        ("transformers 5.23.0", "internvl3-8b", (4480, 2240), "auto", 2304),
        ("transformers 5.23.0", "qwen3-vl", (10, 10), "auto", 66),
        ("transformers 5.23.0", "qwen3-vl", (9000, 9000), "auto", 16386),
        ("a measurement of 2026-08-22", "deepseek-v4.1", (512, 300), "auto", 186),
        ("a measurement of 2026-08-22", "deepseek-v4.1", (300, 1024), "auto", 270),
        ("a measurement of 2026-08-22", "deepseek-v4.1", (1025, 300), "auto", 418),
        ("live probe", "grok-4.6", (1024, 1024), "high", 1026),
        ("docs.x.ai, 2025", "grok-2-vision-1212", (448, 448), "auto", 512),
        ("docs.x.ai, 2025", "grok-2-vision-1212", (4480, 4480), "auto", 1792),
    ],
)
def test_a_figure_worked_out_by_hand_is_met(
    source: str, model: str, size: tuple[int, int], detail: Detail, tokens: int
) -> None:
    assert counted(model, size, detail) == tokens, source


def test_a_shrunk_picture_has_a_range_where_its_rounding_is_unknown() -> None:
    # 2069.2 x 1163.9 after shrinking: 65 x 37 cells that are touched, 64 x 36 whole ones.
    count = image_tokens(rule_of("grok-4.6"), (2560, 1440), "high")
    assert (count.tokens, count.least, count.most) == (2407, 2306, 2407)


def test_a_disagreement_about_rounding_widens_the_range() -> None:
    count = image_tokens(rule_of("gpt-4o"), (4001, 3000), "high")
    assert (count.tokens, count.least, count.most) == (765, 765, 1105)


def test_a_formula_in_doubt_has_the_range_of_all_that_was_seen() -> None:
    count = image_tokens(rule_of("grok-4.3"), (1024, 1024), "auto")
    assert (count.tokens, count.least, count.most) == (1026, 256, 2407)
    small = image_tokens(rule_of("grok-4.3"), (100, 50), "auto")
    assert (small.tokens, small.least, small.most) == (10, 10, 2407)


def all_rules() -> list[TokenRule]:
    families = ["qwen2-vl", "qwen3-vl", "llama-4", "pixtral", "gemma3", "internvl", "gemini-3"]
    named = [rule_of(name) for name in [*families, "claude-3", "claude-opus-5", "deepseek-v4"]]
    rules = {rule.name: rule for rule in named}
    for provider in PROVIDERS:
        for known in provider.models:
            rule = known.tokens or provider.tokens
            rules[rule.name] = rule
        others = [*provider.redirected.values(), *provider.retired.values()]
        rules |= {other.tokens.name: other.tokens for other in others if other.tokens}
        rules[provider.tokens.name] = provider.tokens
    return list(rules.values())


RULES = st.sampled_from(all_rules())
SIDES = st.integers(1, 12_000)
SIZES = st.tuples(SIDES, SIDES)
DETAILS: st.SearchStrategy[Detail] = st.sampled_from(get_args(Detail))


@given(rule=RULES, size=SIZES, detail=DETAILS)
def test_every_rule_gives_a_range_around_its_figure(
    rule: TokenRule, size: tuple[int, int], detail: Detail
) -> None:
    count = image_tokens(rule, size, detail)
    assert 0 <= count.least <= count.tokens <= count.most
    assert rule.most is None or count.most == rule.most
    assert rule.least is None or count.least <= rule.least
    assert count.tokens > 0 or (isinstance(rule, Flat) and rule.tokens == 0)


@given(rule=RULES, size=SIZES, detail=DETAILS)
def test_a_turned_picture_counts_alike_unless_rows_have_ends(
    rule: TokenRule, size: tuple[int, int], detail: Detail
) -> None:
    turned = image_tokens(rule, (size[1], size[0]), detail)
    if not getattr(rule, "row_ends", False) and getattr(rule, "by", "size") == "size":
        assert turned == image_tokens(rule, size, detail)


@pytest.mark.parametrize(
    ("model", "below"),
    # Sides up to which nothing is shrunk: beyond, more pixels may be fewer cells.
    [("grok-4.6", 1550), ("gpt-4o", 768), ("gpt-5.4", 1568), ("claude-3", 1092), ("mistral", 1540)],
)
@given(data=st.data())
def test_more_pixels_are_never_fewer_tokens_where_nothing_is_shrunk(
    model: str, below: int, data: st.DataObject
) -> None:
    width, height = (data.draw(st.integers(1, below)) for _ in range(2))
    wider, taller = data.draw(st.integers(width, below)), data.draw(st.integers(height, below))
    assert counted(model, (width, height), "high") <= counted(model, (wider, taller), "high")


@given(size=SIZES)
def test_low_detail_of_xai_is_never_dearer_than_high(size: tuple[int, int]) -> None:
    low, high = (image_tokens(rule_of("grok-4.6"), size, one) for one in ("low", "high"))
    assert low.tokens <= min(high.tokens, 16 * 16 + 2)
    assert low.most <= high.most


@given(size=SIZES)
def test_a_shrunk_picture_keeps_within_its_models_budget(size: tuple[int, int]) -> None:
    assert counted("gpt-5.2", size) <= math.ceil(6_144 * 1.2)
    assert counted("gpt-4.1-nano", size) <= math.ceil(1_536 * 2.46)
    assert counted("gpt-5.6-sol", size, "high") <= 2_500 * 1.2
    assert counted("claude-sonnet-4-5", size) <= 1_568
    assert counted("claude-opus-4-7", size) <= 4_784
    assert counted("llama-4-scout", size) <= 147 + 16 * 145
    assert counted("qwen2-vl", size) <= 16_384 + 2


@given(size=st.tuples(st.integers(1, 8192), st.integers(1, 8192)))
def test_what_is_sent_unshrunk_is_never_more_than_openai_takes(size: tuple[int, int]) -> None:
    rule = rule_of("gpt-5.6-sol")
    scale = min(1.0, rule.fits.auto.scale(*size))
    columns, rows = (math.ceil(math.floor(side * scale) / 32) for side in size)
    assert columns * rows <= 30_000


@pytest.mark.parametrize(
    ("sample", "tokenizer"),
    list(product(TEXTS["samples"], TEXTS["samples"][0]["tokens"])),
    ids=lambda value: value["name"] if isinstance(value, dict) else value,
)
def test_words_have_as_many_tokens_as_a_tokenizer_counts(
    sample: dict[str, Any], tokenizer: str
) -> None:
    count = text_tokens(sample["text"])
    assert count.least <= sample["tokens"][tokenizer] <= count.most


@pytest.mark.parametrize(
    "sample",
    [one for one in TEXTS["samples"] if one["name"].startswith(("our ", "english "))],
    ids=lambda sample: sample["name"],
)
def test_english_words_are_counted_within_a_seventh(sample: dict[str, Any]) -> None:
    exact = sample["tokens"]["o200k"]
    assert abs(text_tokens(sample["text"]).tokens - exact) <= exact / 7


@given(text=st.text())
def test_any_text_has_a_range_around_its_figure(text: str) -> None:
    count = text_tokens(text)
    assert (0 if not text else 1) <= count.least <= count.tokens <= count.most


def test_half_a_character_is_counted_as_it_would_be_sent() -> None:
    assert text_tokens("a\ud800") == text_tokens("a?")


# Published since the vectors: source, model, size, detail, tokens.
PUBLISHED = [
    ("OpenAI vision guide", "gpt-4o", (2048, 4096), "high", 1105),
    ("OpenAI vision guide", "gpt-4.1", (2048, 4096), "high", 1105),
    ("Anthropic vision guide", "claude-opus-4-5", (1092, 1092), "auto", 1521),
    ("Rokabot#121", "gemini-3.5-flash-lite", (1024, 1024), "auto", 1089),
    ("Rokabot#121", "gemini-3.5-flash-lite", (1024, 512), "auto", 1081),
    ("Rokabot#121", "gemini-3.5-flash-lite", (2048, 512), "auto", 1056),
    ("JOHNISKING/image-token-cost", "gemini-3-pro", (1920, 1080), "auto", 1100),
    ("JOHNISKING/image-token-cost", "gemini-3-pro", (1024, 768), "auto", 1064),
    ("googleapis/python-genai#1349", "gemini-2.5-pro", (3840, 2160), "auto", 258),
    ("live probe, 2026-09-12", "grok-4.6", (1024, 1024), "high", 1026),
]


@pytest.mark.parametrize(
    ("source", "model", "size", "detail", "tokens"),
    PUBLISHED,
    ids=[f"{row[1]} {row[2][0]}x{row[2][1]} {row[0]}" for row in PUBLISHED],
)
def test_further_published_counts_hold(
    source: str, model: str, size: tuple[int, int], detail: Any, tokens: int
) -> None:
    rule = considered(Settings(), model).tokens
    assert abs(image_tokens(rule, size, detail).tokens - tokens) <= 1, source
