"""What is known of models, what their providers list, and where the two differ."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from grok_vision.cli.differences import figures
from grok_vision.errors import VisionError
from grok_vision.providers import PROVIDERS, Evidence, Prices, Provider, compared
from grok_vision.providers.facts import ModelProfile, Redirect
from grok_vision.results import Difference, ListedModel
from grok_vision.settings import Settings
from grok_vision.tokens import known_models
from grok_vision.vision import build_vision
from tests.commands import on_terminal, run
from tests.fake_xai import FakeXAI
from tests.fake_xai.catalogue import list_language_models

pytestmark = pytest.mark.anyio

KEY = "xai-distinctive-key-0123456789"
_SEEN = Evidence("assumed", "this test", "2026-11-21")
_OPEN = {"provider": "custom", "base_url": "http://127.0.0.1:1/v1", "model": "any"}
_XAI = {"provider": "xai", "xai_api_key": "test"}

Answers = Mapping[str, httpx2.Response]


def answering(answers: Answers, asked: list[str] | None = None) -> httpx2.MockTransport:
    """Give what each path answers, and note what is asked; other paths are not there."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append(request.url.path)
        return answers.get(request.url.path.rpartition("/")[2], httpx2.Response(404))

    return httpx2.MockTransport(handle)


async def listed(
    answers: Answers, *, complete: bool = False, asked: list[str] | None = None, **settings: Any
) -> tuple[ListedModel, ...] | None:
    transport = answering(answers, asked)
    async with build_vision(Settings(**(settings or _OPEN)), transport=transport) as vision:
        return await (await vision.journey()).catalogue(complete=complete)


# --- dialects


# An entry of api.x.ai/v1/models as it was on 2026-08-10 (published as a test's fixture).
RECORDED_XAI = {
    "id": "grok-4.20-0309-non-reasoning",
    "aliases": ["grok-4.20-non-reasoning"],
    "context_length": 2_000_000,
    "created": 1_772_668_800,
    "object": "model",
    "owned_by": "xai",
    "prompt_text_token_price": 12_500,
    "cached_prompt_text_token_price": 2_000,
    "prompt_image_token_price": 12_500,
    "completion_text_token_price": 25_000,
    "prompt_text_token_price_long_context": 25_000,
    "cached_prompt_text_token_price_long_context": 4_000,
    "completion_text_token_price_long_context": 50_000,
    "long_context_threshold": 128_000,
}

DIALECTS: dict[str, tuple[Any, ListedModel]] = {
    "xAI /models, recorded 2026-08-10": (
        {"object": "list", "data": [RECORDED_XAI]},
        ListedModel(
            model="grok-4.20-0309-non-reasoning",
            aliases=["grok-4.20-non-reasoning"],
            context_window=2_000_000,
            input_usd=1.25,
            cached_usd=0.2,
            output_usd=2.5,
            long_context_from=128_000,
            long_input_usd=2.5,
            long_output_usd=5.0,
        ),
    ),
    "xAI /language-models, docs.x.ai": (
        {
            "models": [
                {
                    "id": "grok-4.7",
                    "input_modalities": ["text", "image"],
                    "output_modalities": ["text"],
                    "prompt_text_token_price": 20_000,
                    "cached_prompt_text_token_price": 5_000,
                    "completion_text_token_price": 60_000,
                    "aliases": [],
                }
            ]
        },
        ListedModel(
            model="grok-4.7", takes_images=True, input_usd=2.0, cached_usd=0.5, output_usd=6.0
        ),
    ),
    "xAI fills in zeros where no price applies": (
        {"data": [{"id": "x", "prompt_text_token_price": 0, "completion_text_token_price": 0}]},
        ListedModel(model="x"),
    ),
    "OpenAI, names only": (
        {
            "object": "list",
            "data": [{"id": "gpt-5.4", "object": "model", "created": 1, "owned_by": "openai"}],
        },
        ListedModel(model="gpt-5.4"),
    ),
    "OpenRouter, openrouter.ai/docs/models": (
        {
            "data": [
                {
                    "id": "qwen/qwen3-vl",
                    "name": "Qwen: Qwen3 VL",
                    "context_length": 262_144,
                    "architecture": {
                        "input_modalities": ["text", "image"],
                        "output_modalities": ["text"],
                    },
                    "pricing": {
                        "prompt": "0.0000003",
                        "completion": "0.0000015",
                        "input_cache_read": "0.00000003",
                    },
                }
            ]
        },
        ListedModel(
            model="qwen/qwen3-vl",
            takes_images=True,
            context_window=262_144,
            input_usd=0.3,
            cached_usd=0.03,
            output_usd=1.5,
        ),
    ),
    "OpenRouter, whose router has no price of its own": (
        {"data": [{"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}}]},
        ListedModel(model="openrouter/auto"),
    ),
    "OpenRouter, a model that draws": (
        {
            "data": [
                {
                    "id": "draws",
                    "architecture": {
                        "input_modalities": ["text", "image"],
                        "output_modalities": ["image"],
                    },
                }
            ]
        },
        ListedModel(model="draws", takes_images=False),
    ),
    "Groq, models.dev#3761 and #5742": (
        {
            "object": "list",
            "data": [
                {
                    "id": "qwen/qwen3.8-27b",
                    "active": True,
                    "context_window": 131_042,
                    "input_modalities": ["text", "image"],
                    "output_modalities": ["text"],
                    "pricing": {
                        "prompt": "0.0000008",
                        "completion": "0.000004",
                        "input_cache_read": "0.0000004",
                    },
                }
            ],
        },
        ListedModel(
            model="qwen/qwen3.8-27b",
            takes_images=True,
            context_window=131_042,
            input_usd=0.8,
            cached_usd=0.4,
            output_usd=4.0,
        ),
    ),
    "Together, a bare list": (
        [
            {
                "id": "Qwen/Qwen3.5-9B",
                "type": "chat",
                "context_length": 262_144,
                "pricing": {"hourly": 0, "input": 0.17, "output": 0.25, "base": 0, "finetune": 0},
            }
        ],
        ListedModel(
            model="Qwen/Qwen3.5-9B", context_window=262_144, input_usd=0.17, output_usd=0.25
        ),
    ),
    "Together, a model that does not chat": (
        [{"id": "flux", "type": "image"}],
        ListedModel(model="flux", takes_images=False),
    ),
    "vLLM, ModelCard": (
        {"data": [{"id": "Qwen/Qwen3-VL-8B", "owned_by": "vllm", "max_model_len": 32_768}]},
        ListedModel(model="Qwen/Qwen3-VL-8B", context_window=32_768),
    ),
    "llama.cpp, which has two lists": (
        {
            "models": [{"name": "gemma.gguf", "capabilities": ["completion", "multimodal"]}],
            "object": "list",
            "data": [{"id": "gemma.gguf", "meta": {"n_vocab": 262_144, "n_ctx_train": 131_072}}],
        },
        ListedModel(model="gemma.gguf", context_window=131_072),
    ),
    "llama.cpp since #22952, serving less than the model was made for": (
        {
            "data": [
                {
                    "id": "gemma-4",
                    "aliases": ["gemma"],
                    "architecture": {"input_modalities": ["text", "image"]},
                    "meta": {"n_ctx": 8_192, "n_ctx_train": 131_072},
                }
            ]
        },
        ListedModel(model="gemma-4", aliases=["gemma"], takes_images=True, context_window=8_192),
    ),
    "Ollama, LM Studio: names only": (
        {"object": "list", "data": [{"id": "qwen3-vl:8b", "owned_by": "library"}]},
        ListedModel(model="qwen3-vl:8b"),
    ),
}


@pytest.mark.parametrize("source", DIALECTS)
async def test_a_list_is_read_in_its_providers_dialect(source: str) -> None:
    body, expected = DIALECTS[source]
    assert await listed({"models": httpx2.Response(200, json=body)}) == (expected,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"context_length": "large", "aliases": "many", "input_modalities": 7, "type": []},
        {"context_length": True, "aliases": [1, None, ""], "pricing": ["free"], "meta": 3},
        {"context_length": -1, "pricing": {"prompt": "cheap", "completion": [], "input": True}},
        {"context_length": 1e300, "pricing": {"prompt": "9" * 50, "input": 1e300}},
        {"pricing": {"prompt": "nan", "input": "inf"}, "architecture": "none"},
        {"prompt_text_token_price": {"amount": 1}, "long_context_threshold": "200k"},
    ],
)
async def test_what_is_not_as_expected_counts_as_unreported(wrong: dict[str, Any]) -> None:
    body = {"data": [{"id": "x", **wrong}]}
    assert await listed({"models": httpx2.Response(200, json=body)}) == (ListedModel(model="x"),)


async def test_entries_without_a_name_are_left_out_and_names_are_made_printable() -> None:
    body = {"data": ["x", None, 3, {}, {"id": 7}, {"id": ""}, {"id": "a\x1b]0;b\n" + "c" * 9999}]}
    (only,) = await listed({"models": httpx2.Response(200, json=body)}) or ()
    assert only.model.startswith("a ]0;b ccc")
    assert len(only.model) <= 161


async def test_no_more_than_some_thousand_models_are_read() -> None:
    body = {"data": [{"id": f"m{number}"} for number in range(20_000)]}
    assert len(await listed({"models": httpx2.Response(200, json=body)}) or ()) == 5_000


# --- where the lists are


async def test_xai_is_asked_once_for_the_list_that_tells_most() -> None:
    asked: list[str] = []
    answers = {"language-models": httpx2.Response(200, json={"models": [{"id": "grok-4.7"}]})}
    assert await listed(answers, asked=asked, **_XAI) == (ListedModel(model="grok-4.7"),)
    assert asked == ["/v1/language-models"]


@pytest.mark.parametrize(
    "absent",
    [
        httpx2.Response(404, json={"error": {"message": "Invalid URL", "type": "invalid"}}),
        httpx2.Response(405),
        httpx2.Response(200, html="<title>a relay's own page</title>"),
        httpx2.Response(200, json={"status": "ok"}),
    ],
)
async def test_a_relay_of_xai_that_has_only_models_is_asked_for_those(
    absent: httpx2.Response,
) -> None:
    answers = {
        "language-models": absent,
        "models": httpx2.Response(200, json={"data": [{"id": "grok-4.7"}]}),
    }
    assert await listed(answers, **_XAI) == (ListedModel(model="grok-4.7"),)


async def test_the_complete_list_joins_what_each_of_two_tells(xai: FakeXAI) -> None:
    async with build_vision(Settings(**_XAI), transport=xai.transport()) as vision:
        models = await (await vision.journey()).catalogue(complete=True)
    assert [request.path for request in xai.requests] == ["/v1/language-models", "/v1/models"]
    flagship = next(one for one in models or () if one.model == "grok-4.7")
    assert flagship == ListedModel(
        model="grok-4.7",
        aliases=["grok-4.7-latest"],
        takes_images=True,
        context_window=500_000,
        input_usd=2.0,
        cached_usd=0.5,
        output_usd=6.0,
        long_context_from=200_000,
        long_input_usd=4.0,
        long_output_usd=12.0,
    )


async def test_a_model_that_only_one_of_two_lists_has_is_kept_as_the_first_tells_it() -> None:
    answers = {
        "language-models": httpx2.Response(200, json={"models": [{"id": "a"}, {"id": "b"}]}),
        "models": httpx2.Response(
            200, json={"data": [{"id": "b", "context_length": 7}, {"id": "draws"}]}
        ),
    }
    assert await listed(answers, complete=True, **_XAI) == (
        ListedModel(model="a"),
        ListedModel(model="b", context_window=7),
    )


@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(404), httpx2.Response(501), httpx2.Response(200, json={"status": "ok"})],
)
async def test_an_endpoint_without_a_list_is_no_failure(answer: httpx2.Response) -> None:
    assert await listed({"models": answer}) is None


async def test_an_empty_list_is_a_list() -> None:
    assert await listed({"models": httpx2.Response(200, json=[])}) == ()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx2.Response(401, json={"error": {"message": "no"}}), "unauthorized"),
        (httpx2.Response(200, json={"error": "Incorrect API key provided"}), "unavailable"),
        (httpx2.Response(503), "unavailable"),
        (httpx2.Response(302, headers={"location": "https://elsewhere.example/"}), "rejected"),
        # A base URL without /v1 often leads to the server's own page.
        (httpx2.Response(200, html="<title>welcome</title>"), "unavailable"),
        (httpx2.Response(200, content=b'{"data": [' + b'"x",' * 3_000_000), "unavailable"),
    ],
)
async def test_a_failing_endpoint_is_told_by_its_code(answer: httpx2.Response, code: str) -> None:
    with pytest.raises(VisionError) as failure:
        await listed({"models": answer})
    assert failure.value.code == code


async def test_an_endpoint_that_cannot_be_reached_is_told_as_such() -> None:
    async with build_vision(Settings(**_OPEN)) as vision:
        with pytest.raises(VisionError, match=r"nothing listens at 127\.0\.0\.1:1"):
            await (await vision.journey()).catalogue()


# --- differences


def _profile(name: str, **facts: Any) -> ModelProfile:
    return ModelProfile(name=name, evidence=_SEEN, **facts)


PRICES = Prices(
    input=2.0,
    cached=0.5,
    output=6.0,
    long_context_from=200_000,
    long_context_factor=2.0,
    evidence=_SEEN,
)
PROVIDER: Provider = replace(
    PROVIDERS[0],
    name="here",
    models=(
        _profile("one", aliases=("one-latest",), context_window=1_000, prices=PRICES),
        _profile("two"),
        _profile("three", matches=("three-*",)),
    ),
    redirected={"old": Redirect("one", _SEEN)},
    retired={},
)
SAME = ListedModel(
    model="one",
    takes_images=True,
    context_window=1_000,
    input_usd=2.0,
    cached_usd=0.5,
    output_usd=6.0,
    long_context_from=200_000,
    long_input_usd=4.0,
    long_output_usd=12.0,
)


def differing(*entries: ListedModel) -> list[Difference]:
    return compared(PROVIDER, entries).differing


@pytest.mark.parametrize(
    ("fact", "ours", "theirs"),
    [
        ("takes_images", True, False),
        ("context_window", 1_000, 2_000),
        ("input_usd", 2.0, 2.5),
        ("cached_usd", 0.5, 0.05),
        ("output_usd", 6.0, 0.0),
        ("long_context_from", 200_000, 128_000),
        ("long_input_usd", 4.0, 5.0),
        ("long_output_usd", 12.0, 18.0),
    ],
)
def test_each_fact_that_differs_is_told_with_both_figures(
    fact: Any, ours: float, theirs: float
) -> None:
    entry = SAME.model_copy(update={fact: theirs})
    expected = Difference(model="one", fact=fact, ours=ours, theirs=theirs)
    assert differing(entry) == [expected]


def test_what_is_the_same_or_not_reported_is_no_difference() -> None:
    nearly = SAME.model_copy(update={"input_usd": 2.0 * (1 + 1e-9)})
    assert differing(SAME) == differing(nearly) == differing(ListedModel(model="one")) == []


def test_a_fact_that_was_not_known_here_is_told_without_ours() -> None:
    (told,) = differing(ListedModel(model="two", context_window=8_000))
    assert told.model_dump(exclude_none=True) == {
        "model": "two",
        "fact": "context_window",
        "theirs": 8_000,
    }


@pytest.mark.parametrize(
    "entry",
    [
        ListedModel(model="one-latest", context_window=5),
        ListedModel(model="one-0921", aliases=["one-latest"], context_window=5),
    ],
)
def test_a_model_is_known_by_its_aliases_on_either_side(entry: ListedModel) -> None:
    found = compared(PROVIDER, [entry])
    assert [one.model for one in found.differing] == ["one"]
    assert (found.missing, found.new, found.untold) == (["two", "three"], [], [])


def test_models_are_told_that_left_that_came_and_of_which_nothing_is_known() -> None:
    new = ListedModel(model="four", takes_images=True, input_usd=1.0)
    found = compared(
        PROVIDER,
        [
            SAME,
            new,
            ListedModel(model="three-0921", takes_images=True, input_usd=9.0),
            ListedModel(model="old", takes_images=True),
            ListedModel(model="writes", takes_images=False),
            ListedModel(model="five"),
        ],
    )
    assert found.listed == 6
    assert found.missing == ["two"]
    assert found.new == [new]
    assert found.untold == ["five"]
    assert found.differing == []


# --- the table


def test_the_configured_provider_comes_first_and_its_default_is_marked() -> None:
    table = known_models(Settings(provider="groq"))
    assert table.provider == "groq"
    assert table.models[0].provider == "groq"
    assert [(row.provider, row.model) for row in table.models if row.default] == [
        ("groq", "qwen/qwen3.8-27b")
    ]


def test_a_configured_model_is_marked_under_any_of_its_names() -> None:
    table = known_models(Settings(provider="xai", model="grok-4.6-latest"))
    assert [row.model for row in table.models if row.default] == ["grok-4.6"]


def test_a_configured_model_that_is_not_known_has_a_row_with_what_is_assumed_of_it() -> None:
    table = known_models(Settings(provider="ollama", model="llama3.2-vision:11b"))
    first, second = table.models[:2]
    assert (first.provider, first.model, first.default) == ("ollama", "llama3.2-vision:11b", True)
    assert first.rule == "llama-3.2: one token a picture"
    assert second.provider == "xai"


def test_every_provider_and_every_model_that_still_answers_is_in_the_table() -> None:
    rows = known_models(Settings()).models
    known = {
        (provider.name, one.name)
        for provider in PROVIDERS
        for one in provider.models
        if one.name not in provider.retired
    }
    known |= {(provider.name, None) for provider in PROVIDERS if not provider.models}
    assert {(row.provider, row.model) for row in rows if row.provider != "any"} == known
    assert len(rows) == len(known) + sum(row.provider == "any" for row in rows)
    assert all(row.rule and row.source and row.date for row in rows)


def test_a_model_that_no_longer_answers_is_in_no_row_even_where_it_is_configured() -> None:
    table = known_models(Settings(provider="openai", openai_api_key="k", model="o1"))
    assert "o1" not in {row.model for row in table.models}
    assert not any(row.default for row in table.models)


def test_another_address_may_still_serve_a_model_that_its_maker_has_retired() -> None:
    table = known_models(
        Settings(provider="openai", base_url="https://relay.example/v1", model="o1")
    )
    assert [row.model for row in table.models if row.default] == ["o1"]
    assert "o4-mini" not in {row.model for row in table.models}


def test_a_configured_model_of_another_provider_has_none_of_its_prices() -> None:
    table = known_models(Settings(provider="xai", model="gpt-5.4"))
    assert (table.models[0].provider, table.models[0].model) == ("xai", "gpt-5.4")
    assert table.models[0].rule.startswith("openai: ")
    assert table.models[0].input_usd is None


def test_no_row_tells_a_name_twice() -> None:
    for row in known_models(Settings()).models:
        names = [row.model, *row.aliases, *row.names]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("provider", "model", "tokens", "usd"),
    [
        # 60x34 cells of 32 pixels and 2 (docs.x.ai), at $2.00 a million.
        ("xai", "grok-4.6", 2_042, 4.084),
        # Shrunk to 1365x768: 3x2 tiles of 170 and 85 (OpenAI's guide), at $2.50 a million.
        ("openai", "gpt-4o", 1_105, 2.7625),
        ("any", "Gemma 3", 256, None),
        ("ollama", None, 2_691, None),
        ("local", "local/ocr", 0, None),
    ],
)
def test_a_row_tells_what_a_screenshot_uses_and_a_thousand_cost(
    provider: str, model: str | None, tokens: int, usd: float | None
) -> None:
    rows = known_models(Settings()).models
    row = next(one for one in rows if (one.provider, one.model) == (provider, model))
    assert (row.screenshot_tokens, row.screenshot_usd) == (tokens, usd)


def test_a_row_holds_prices_limits_and_the_rule_with_its_evidence() -> None:
    rows = known_models(Settings(provider="xai")).models
    row = next(one for one in rows if one.model == "grok-4.6")
    told = row.model_dump(exclude_none=True)
    assert {name: told[name] for name in ("input_usd", "cached_usd", "output_usd")} == {
        "input_usd": 2.0,
        "cached_usd": 0.5,
        "output_usd": 6.0,
    }
    assert told["long_input_usd"] == 4.0
    assert told["max_body_bytes"] == 50 * 1024 * 1024
    assert "max_images" not in told
    assert (told["rule"], told["evidence"]) == ("xai: 32-pixel patches + 2", "recorded")
    assert list(told)[:2] == ["provider", "model"]


# --- the commands


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[FakeXAI, dict[str, str]]]:
    """The stand-in over loopback HTTP, and the environment that leads to it."""
    xai = FakeXAI(key=KEY)
    with xai.serve() as address:
        here = {"XAI_API_KEY": KEY, "GROK_VISION_BASE_URL": address}
        yield xai, {**os.environ, **here, "GROK_VISION_ROOTS": str(tmp_path)}


def language_models(xai: FakeXAI, change: Callable[[dict[str, Any]], Any]) -> None:
    """Let the stand-in's next answer be its list of models after `change`."""
    document = list_language_models()
    change({one["id"]: one for one in document["models"]})
    document["models"] = [one for one in document["models"] if one]
    xai.fail(200, document)


def test_models_needs_neither_a_key_nor_the_network(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    del env["XAI_API_KEY"]
    done = run("models", "--json", env=env | {"GROK_VISION_PROVIDER": "xai"})
    assert (done.returncode, done.stderr) == (0, "")
    expected = known_models(Settings(provider="xai", base_url=env["GROK_VISION_BASE_URL"]))
    assert json.loads(done.stdout) == expected.model_dump(mode="json", exclude_none=True)
    assert xai.requests == []


def test_piped_the_table_is_plain_and_its_columns_are_aligned(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    _, env = served
    header, *lines = run("models", env=env).stdout.splitlines()
    assert len(lines) == len(known_models(Settings()).models)
    row = next(line for line in lines if " grok-4.6 " in line)
    numbers = {"context": "500k", "input $/M": "2.00", "screenshot tokens": "2,042"}
    for name, shown in numbers.items() | {("images", "any"), ("$/1000 screenshots", "4.08")}:
        end = header.index(f" {name} ") + len(name) + 1
        assert row[:end].split()[-1] == shown
        assert all(line[end : end + 2].isspace() for line in lines)
    assert row.split()[:2] == ["xai", "grok-4.6"]
    starts = [header.index(name) for name in ("provider", "model", "tokens of", "known from")]
    assert all(line[start - 1 : start] == " " for line in lines for start in starts)
    assert row[header.index("known from") :].startswith("recorded")
    assert [line.split()[1:3] for line in lines if line.startswith("*")] == [["xai", "grok-4.3"]]
    assert "\x1b" not in header + "".join(lines)


@pytest.mark.parametrize("columns", [80, 100])
def test_on_a_terminal_the_table_keeps_within_its_width(
    served: tuple[FakeXAI, dict[str, str]], columns: int
) -> None:
    _, env = served
    code, seen = on_terminal(
        "models", env=env | {"TERM": "dumb", "COLUMNS": str(columns), "LINES": "24"}
    )
    assert code == 0
    lines = seen.replace("\r", "").splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("xai  any number of pictures, 10 MiB each")
    assert any(line.startswith("*  grok-4.3 ") and " 1.25 " in line for line in lines)
    assert all(f"   {name} " in seen for name in ("grok-4.20-0309-non-reasoning", "gpt-4o"))
    # A longer name goes on below, as far as that is needed.
    assert ("   deepseek-ai/DeepSeek-V4.1-  " in seen) == (columns == 80)
    assert sum("whatever is served" in line for line in lines) == 1


def test_live_tells_both_figures_what_left_and_what_came(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served

    def change(models: dict[str, dict[str, Any]]) -> None:
        models["grok-4.3"]["prompt_text_token_price"] = 15_000
        models["grok-4.7"]["input_modalities"] = ["text"]
        models["grok-4.5"].clear()
        models["grok-4.6"]["id"] = "grok-9\x1b[31m"
        models["grok-4.6"]["aliases"] = []

    language_models(xai, change)
    language_models(xai, change)
    told = json.loads(run("models", "--live", "--json", env=env).stdout)
    assert {"model": "grok-4.3", "fact": "input_usd", "ours": 1.25, "theirs": 1.5} in told[
        "differing"
    ]
    xai.fail(404)
    language_models(xai, change)
    shown = run("models", "--live", env=env)
    assert shown.returncode == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["grok-4.3", "input", "$1.25", "$1.50"] in lines
    assert ["grok-4.7", "pictures", "yes", "no"] in lines
    assert ["grok-4.5"] in lines
    assert {"grok-4.5", "grok-4.6"} <= set(told["missing"])
    assert "grok-9 [31m" in [one["model"] for one in told["new"]]
    assert "\x1b" not in shown.stdout


def test_a_fact_that_was_not_known_here_is_shown_as_such() -> None:
    told = Difference(model="x", fact="context_window", theirs=131_072)
    assert list(figures([told])) == [("context window", "not known", "131,072")]


def test_live_says_so_where_nothing_differs(tmp_path: Path) -> None:
    env = {**os.environ, "GROK_VISION_PROVIDER": "local"}
    done = run("models", "--live", env=env)
    assert done.stdout == "local lists 1 model.\nNothing differs from what is known here.\n"


def test_live_fails_where_there_is_no_list(served: tuple[FakeXAI, dict[str, str]]) -> None:
    xai, env = served
    xai.fail(404, times=2)
    done = run("models", "--live", env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("error[unavailable]: xAI has no list of models at http://127.")


def doctor(env: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    done = run("doctor", "--json", env=env)
    diagnosis = json.loads(done.stdout)
    return done.returncode, {check["name"]: check for check in diagnosis["checks"]}


def test_doctor_finds_the_model_in_use_as_it_is_known_with_one_request(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    code, checks = doctor(env)
    assert code == 0
    assert checks["endpoint"]["found"] == "xAI answers and lists 8 models"
    assert checks["model"]["found"].startswith("grok-4.3 is in its list")
    assert " is $" not in checks["model"]["found"]
    assert [request.path for request in xai.requests] == ["/v1/language-models"]


def test_doctor_tells_a_price_that_changed_and_where_to_see_the_others(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served

    def change(models: dict[str, dict[str, Any]]) -> None:
        for name in ("grok-4.3", "grok-4.7"):
            models[name]["completion_text_token_price"] = 70_000

    language_models(xai, change)
    code, checks = doctor(env | {"GROK_VISION_MODEL": "grok-4.3-latest"})
    assert code == 0
    found = checks["model"]["found"]
    assert found.startswith(
        "grok-4.3-latest is in its list; output is $7.00, here $2.50; 1 other model"
    )
    assert found.endswith("see `grok-vision-mcp models --live`")


def test_doctor_fails_where_the_provider_says_that_the_model_takes_no_pictures(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    language_models(xai, lambda models: models["grok-4.3"].update(input_modalities=["text"]))
    code, checks = doctor(env)
    assert code == 1
    assert checks["model"]["ok"] is False
    assert checks["model"]["found"].startswith("grok-4.3 takes no pictures, says xAI")


@pytest.mark.parametrize(
    ("settings", "body", "found"),
    [
        ({"GROK_VISION_MODEL": "mine"}, {"data": [{"id": "other"}]}, "mine is not in its list"),
        # Ollama: a name without a tag is that of the tag latest.
        (
            {"GROK_VISION_PROVIDER": "ollama", "GROK_VISION_MODEL": "llava"},
            {"data": [{"id": "llava:latest"}]},
            "llava is in its list",
        ),
        # A retired name is answered by the model that took its place.
        ({"GROK_VISION_MODEL": "grok-4-fast"}, {"data": [{"id": "grok-4.3"}]}, "is in its list"),
    ],
)
def test_doctor_says_whether_the_model_in_use_is_listed(
    served: tuple[FakeXAI, dict[str, str]],
    settings: dict[str, str],
    body: dict[str, Any],
    found: str,
) -> None:
    xai, env = served
    xai.fail(200, body)
    code, checks = doctor(env | settings)
    assert code == 0
    assert found in checks["model"]["found"]


def test_doctor_takes_an_endpoint_without_a_list_for_what_it_is(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    xai.fail(404, times=2)
    code, checks = doctor(env)
    assert code == 0
    assert "without a list of models" in checks["endpoint"]["found"]
    assert "model" not in checks
