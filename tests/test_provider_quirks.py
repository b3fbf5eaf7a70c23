"""Every provider beside xAI, end to end, against a strict stand-in with that provider's habits.

The stand-ins know nothing of our tables of facts: see `tests/fake_provider`.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from mcp import Client
from mcp.types import CallToolResult
from PIL import Image

from grok_vision.errors import VisionError
from grok_vision.vision import build_vision
from tests.fake_provider import (
    CUSTOM,
    GROQ,
    HOSTED,
    LLAMACPP,
    LMSTUDIO,
    OPENAI,
    OPENROUTER,
    SELF_HOSTED,
    TOGETHER,
    UNKNOWN_MODEL,
    VLLM,
    Failure,
    FakeProvider,
    Quirks,
)
from tests.fake_xai import FakeXAI, Link, Recorded, Response
from tests.fake_xai.usage import text_tokens
from tests.loopback import Network, answer, serving
from tests.support import (
    EXAMPLES,
    connected,
    encoded,
    error_text,
    in_turn,
    noise,
    quadrants,
    saved,
    settings_for,
)
from tests.support import structured as structured_of

pytestmark = pytest.mark.anyio

ALL = (*HOSTED, *SELF_HOSTED)
PUBLIC = "93.184.215.14"
WORDS = "A picture."


def named(quirks: Quirks) -> str:
    return quirks.name


each = pytest.mark.parametrize("quirks", ALL, ids=named)
each_hosted = pytest.mark.parametrize("quirks", HOSTED, ids=named)
each_self_hosted = pytest.mark.parametrize("quirks", SELF_HOSTED, ids=named)


def settings_of(quirks: Quirks, **given: Any) -> dict[str, Any]:
    """Return what a user would set to use the provider, and nothing more."""
    settings: dict[str, Any] = {"xai_api_key": None, "provider": quirks.name}
    if quirks.key:
        settings[quirks.key] = "test"
    if quirks.name == "custom":
        settings["base_url"] = quirks.address
    return {**settings, "model": quirks.models[0], "retries": 0, **given}


@asynccontextmanager
async def asking(fake: FakeProvider, folder: Path, **given: Any) -> AsyncIterator[Client]:
    """Give a client of a server that is set up for the stand-in's provider."""
    async with connected(fake, folder, **settings_of(fake.quirks, **given)) as client:
        yield client


async def describe(
    fake: FakeProvider,
    folder: Path,
    image: str,
    given: Mapping[str, Any] | None = None,
    **call: Any,
) -> CallToolResult:
    async with asking(fake, folder, **(given or {})) as client:
        return await client.call_tool("describe_image", {"image": image, **call})


async def answered(*args: Any, **call: Any) -> Mapping[str, Any]:
    return structured_of(await describe(*args, **call))


async def refused(*args: Any, **call: Any) -> str:
    return error_text(await describe(*args, **call))


def photo() -> Image.Image:
    """Return a picture that is best sent as JPEG."""
    return Image.effect_mandelbrot((900, 700), (-2, -1.5, 1, 1.5), 80).convert("RGB")


# What goes out


@each
@pytest.mark.parametrize(
    ("name", "made"),
    [("shot.png", quadrants), ("shot.webp", photo), ("shot.jpg", photo), ("shot.bmp", quadrants)],
)
async def test_pictures_of_every_format_arrive_as_sound_jpeg_or_png_with_true_labels(
    folder: Path, quirks: Quirks, name: str, made: Any
) -> None:
    fake = FakeProvider(quirks)
    result = await answered(fake, folder, saved(folder, name, made()))
    assert result["text"] == WORDS
    assert result["provider"] == quirks.name
    (request,) = fake.requests
    (picture,) = request.images
    assert picture.format in {"jpeg", "png"}
    assert picture.media_type == f"image/{picture.format}"
    assert result["images"][0]["sent_format"] == picture.format.upper()


@each
async def test_a_request_has_one_system_message_then_words_then_the_picture(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    await answered(fake, folder, saved(folder), prompt="What is it?", max_tokens=50)
    (request,) = fake.requests
    system, user = request.body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert isinstance(system["content"], str)
    assert [part["type"] for part in user["content"]] == ["text", "image_url"]
    assert user["content"][0]["text"] == "What is it?"


@each
async def test_the_cap_of_the_answer_goes_by_the_one_name_that_counts_there(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    await answered(fake, folder, saved(folder), max_tokens=50)
    await answered(fake, folder, saved(folder))
    capped, free = (request.body for request in fake.requests)
    caps = {"max_tokens", "max_completion_tokens"}
    assert {name: capped[name] for name in caps & capped.keys()} in [
        {name: 50} for name in quirks.caps
    ]
    assert not caps & free.keys()


@each
@pytest.mark.parametrize("detail", ["auto", "low", "high"])
async def test_detail_is_sent_as_it_was_asked_for(
    folder: Path, quirks: Quirks, detail: str
) -> None:
    fake = FakeProvider(quirks)
    await answered(fake, folder, saved(folder, "shot.png", photo()), detail=detail)
    assert [picture.detail for picture in fake.requests[0].images] == [detail]


async def test_what_is_known_of_a_models_own_provider_is_not_sent_to_another(
    folder: Path,
) -> None:
    fake = FakeProvider(OPENROUTER)
    result = await answered(fake, folder, saved(folder), model="x-ai/grok-4.3")
    assert result["model"] == "x-ai/grok-4.3"
    assert "reasoning_effort" not in fake.requests[0].body


@each_hosted
async def test_the_key_goes_out_as_a_bearer_to_the_providers_own_address(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    await answered(fake, folder, saved(folder))
    (request,) = fake.requests
    assert request.headers["authorization"] == "Bearer test"
    assert (
        f"https://{request.headers['host']}{request.path}" == f"{quirks.address}/chat/completions"
    )


@each_self_hosted
async def test_without_a_key_none_is_sent_and_with_one_it_is(folder: Path, quirks: Quirks) -> None:
    fake = FakeProvider(quirks)
    # Another provider's key, which lies in the same environment, is none for it.
    await answered(fake, folder, saved(folder), {"xai_api_key": "xai-another"})
    assert "authorization" not in fake.requests[0].headers
    locked = FakeProvider(quirks, key="mine")
    await answered(locked, folder, saved(folder), {"api_key": "mine"})
    assert locked.requests[0].headers["authorization"] == "Bearer mine"


@pytest.mark.parametrize("quirks", [OPENAI, GROQ, TOGETHER, LLAMACPP], ids=named)
async def test_a_default_model_is_one_that_is_served(folder: Path, quirks: Quirks) -> None:
    fake = FakeProvider(quirks)
    await answered(fake, folder, saved(folder), {"model": ""})
    assert fake.requests[0].body["model"] == quirks.models[0]


async def test_a_model_that_takes_no_system_message_gets_its_words_before_the_users(
    folder: Path,
) -> None:
    fake = FakeProvider(VLLM)
    path = saved(folder)
    await answered(fake, folder, path, prompt="What is it?", model=VLLM.no_system[0])
    await answered(fake, folder, path, prompt="What is it?")
    alone, beside = fake.requests
    assert [message["role"] for message in alone.body["messages"]] == ["user"]
    assert alone.texts == ("\n\n".join(beside.texts),)


# URLs


@each
async def test_a_url_is_handed_on_only_where_the_provider_fetches_it(
    folder: Path, quirks: Quirks, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeProvider(quirks)
    async with serving(lambda _: answer(encoded(quadrants(), "PNG"))) as host:
        network = Network({"www.example": [[PUBLIC]]}, host.port)
        network.install(monkeypatch)
        await answered(fake, folder, "http://www.example/a.png", {"url_mode": "pass"})
    (request,) = fake.requests
    if quirks.fetches_urls:
        assert request.links == (Link("http://www.example/a.png", "auto"),)
        assert network.dialled == []
    else:
        assert request.links == ()
        assert request.images[0].format == "png"
        assert network.dialled == [PUBLIC]


@each
async def test_by_default_no_provider_sees_a_url(
    folder: Path, quirks: Quirks, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeProvider(quirks)
    async with serving(lambda _: answer(encoded(quadrants(), "PNG"))) as host:
        Network({"www.example": [[PUBLIC]]}, host.port).install(monkeypatch)
        await answered(fake, folder, "http://www.example/a.png")
    assert fake.requests[0].links == ()
    assert len(fake.requests[0].images) == 1


# What comes back


def counted(request: Recorded, quirks: Quirks) -> tuple[int, int]:
    """Return the tokens of the prompt and of the visible answer, as the stand-in counts them."""
    prompt = text_tokens("".join(request.texts)) + quirks.image_tokens * len(request.images)
    return prompt, text_tokens(WORDS)


def thought(request: Recorded, quirks: Quirks) -> int:
    """Return the tokens of what was thought, which a request can forbid."""
    return 0 if request.body.get("reasoning_effort") == "none" else quirks.reasoning


@pytest.mark.parametrize("quirks", [q for q in ALL if q.usage == "details"], ids=named)
async def test_reasoning_that_is_told_is_taken_out_of_the_output(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    usage = (await answered(fake, folder, saved(folder)))["usage"]
    prompt, visible = counted(fake.requests[0], quirks)
    reasoning = thought(fake.requests[0], quirks)
    assert usage["input_tokens"] == prompt
    assert usage["output_tokens"] == visible
    assert usage["reasoning_tokens"] == reasoning
    assert usage["cached_tokens"] == 128
    assert usage["total_tokens"] == prompt + visible + reasoning


@pytest.mark.parametrize("quirks", [q for q in ALL if q.usage == "plain"], ids=named)
async def test_reasoning_that_is_not_told_stays_in_the_output(folder: Path, quirks: Quirks) -> None:
    fake = FakeProvider(quirks)
    usage = (await answered(fake, folder, saved(folder)))["usage"]
    prompt, visible = counted(fake.requests[0], quirks)
    assert usage["input_tokens"] == prompt
    assert usage["output_tokens"] == visible + quirks.reasoning
    assert "reasoning_tokens" not in usage
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


async def test_where_nothing_is_counted_nothing_is_told(folder: Path) -> None:
    result = await answered(FakeProvider(CUSTOM), folder, saved(folder))
    assert "usage" not in result
    assert result["text"] == WORDS


@each
async def test_the_model_is_the_one_that_answered(folder: Path, quirks: Quirks) -> None:
    result = await answered(FakeProvider(quirks), folder, saved(folder))
    assert result["model"] == (quirks.answers_as or quirks.models[0])


async def test_a_cost_that_is_told_is_reported_as_it_is(folder: Path) -> None:
    usage = (await answered(FakeProvider(OPENROUTER), folder, saved(folder)))["usage"]
    assert (usage["cost_usd"], usage["cost_source"]) == (0.00123, "reported")


@pytest.mark.parametrize("quirks", [OPENAI, GROQ, TOGETHER], ids=named)
async def test_a_cost_that_is_not_told_is_computed_with_all_that_is_billed(
    folder: Path, quirks: Quirks
) -> None:
    assert quirks.price
    fake = FakeProvider(quirks)
    usage = (await answered(fake, folder, saved(folder)))["usage"]
    prompt, visible = counted(fake.requests[0], quirks)
    cached = usage.get("cached_tokens", 0)
    written = visible + thought(fake.requests[0], quirks)
    read, again, write = quirks.price
    expected = ((prompt - cached) * read + cached * again + written * write) / 1e6
    assert usage["cost_usd"] == pytest.approx(expected)
    assert usage["cost_source"] == "computed"


@pytest.mark.parametrize("quirks", [q for q in SELF_HOSTED if q.usage != "none"], ids=named)
async def test_ones_own_server_costs_nothing(folder: Path, quirks: Quirks) -> None:
    # Also a model of a name that is billed elsewhere.
    borrowed = replace(quirks, models=("gpt-5.4-mini",), answers_as=None)
    for fake in (FakeProvider(quirks), FakeProvider(borrowed)):
        usage = (await answered(fake, folder, saved(folder)))["usage"]
        assert usage.get("cost_usd", 0) == 0


@each
async def test_a_model_that_thought_until_it_was_cut_off_says_what_to_raise(
    folder: Path, quirks: Quirks
) -> None:
    told = await refused(FakeProvider(quirks, answer=None), folder, saved(folder), max_tokens=16)
    assert told.startswith(f"[empty_answer] {quirks.brand} ")
    assert "raise max_tokens" in told


# What fails

# The code, and what its message says to do.
OUTCOMES: dict[Failure, tuple[str, str]] = {
    "bad_key": ("unauthorized", "check {variable}"),
    "unknown_model": ("model_not_found", f"has no model {UNKNOWN_MODEL}; pass another model"),
    "retired_model": ("model_not_found", "pass another model or set GROK_VISION_MODEL"),
    "nothing_loaded": ("model_not_found", "load it on that server"),
    "does_not_load": ("unavailable", "free memory there, or use a smaller model"),
    "blind": ("rejected", "{blind} cannot see pictures; use another model"),
    "bad_parameter": ("rejected", "does not take the parameter {parameter}"),
    "bad_image": ("rejected", "a picture was not accepted; save it again as PNG or JPEG"),
    "too_many_images": ("too_many_images", "send fewer"),
    "too_large": ("request_too_large", "send fewer or smaller pictures"),
    "too_many_tokens": ("request_too_large", "than your account may send in a minute"),
    "context": ("context_exceeded", "send fewer pictures or words, or detail=low"),
    "rate_limit": ("rate_limited", "try again {when}"),
    "no_credit": ("out_of_credits", "top it up or raise the limit"),
    "moderated": ("refused", "ask for something else"),
    "outage": ("unavailable", "try again later"),
    "wrong_address": ("rejected", "check GROK_VISION_BASE_URL, which usually ends in /v1"),
}
PARAMETERS = {"openai": "max_tokens", "groq": "reasoning_effort"}


def test_every_failure_of_the_stand_ins_has_its_outcome() -> None:
    assert set(OUTCOMES) == set(get_args(Failure))
    assert {failure for quirks in ALL for failure in quirks.failures} == set(OUTCOMES)


async def provoked(fake: FakeProvider, failure: Failure, folder: Path) -> str:
    """Return the error of a call that the stand-in refuses, where it can be by its own checks."""
    quirks = fake.quirks
    given: dict[str, Any] = {}
    call: dict[str, Any] = {}
    if failure == "bad_key":
        fake.key = "another"
        given = {quirks.key or "api_key": "wrong-key"}
    elif failure == "unknown_model":
        call = {"model": UNKNOWN_MODEL}
    elif failure == "blind":
        call = {"model": quirks.blind_model}
    elif failure == "too_large":
        fake.quirks = replace(quirks, max_body=100)
    elif failure == "too_many_images":
        fake.quirks = replace(quirks, max_images=-1)
    else:
        fake.refuse(failure)
    return await refused(fake, folder, saved(folder), given, **call)


@pytest.mark.parametrize(
    ("quirks", "failure"),
    [
        pytest.param(quirks, failure, id=f"{quirks.name}-{failure}")
        for quirks in ALL
        for failure in quirks.failures
    ],
)
async def test_a_failure_in_the_providers_own_words_is_one_code_and_says_what_to_do(
    folder: Path, quirks: Quirks, failure: Failure
) -> None:
    fake = FakeProvider(quirks)
    told = await provoked(fake, failure, folder)
    code, advice = OUTCOMES[failure]
    retry_after = quirks.failures[failure].headers.get("retry-after")
    assert told.startswith(f"[{code}] ")
    assert quirks.brand in told
    assert (
        advice.format(
            variable=quirks.key.upper() if quirks.key else "GROK_VISION_API_KEY",
            blind=quirks.blind_model,
            parameter=PARAMETERS.get(quirks.name),
            when=f"in {retry_after} s" if retry_after else "in a minute",
        )
        in told
    )
    assert "wrong-key" not in told
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("document", "code"),
    [
        # The shape of older vLLM, passed on by a proxy that answers 200 to everything.
        (
            {"object": "error", "message": "The model `x` does not exist.", "code": 404},
            "model_not_found",
        ),
        ({"object": "error", "message": "out of order", "code": 40301}, "unavailable"),
        # A page of something else.
        ({"message": "Welcome"}, "unavailable"),
        ({"detail": [None, {"msg": 1}]}, "unavailable"),
        ({}, "unavailable"),
    ],
)
async def test_a_success_that_holds_no_answer_is_told_by_what_it_holds(
    folder: Path, document: dict[str, Any], code: str
) -> None:
    fake = FakeProvider(CUSTOM)
    fake.fail(200, document)
    told = await refused(fake, folder, saved(folder))
    assert told.startswith(f"[{code}]")
    assert ("not a chat completion" in told) == ("object" not in document)


@pytest.mark.parametrize("quirks", [OPENAI, GROQ, TOGETHER], ids=named)
async def test_the_id_that_support_asks_for_is_told(folder: Path, quirks: Quirks) -> None:
    fake = FakeProvider(replace(quirks, headers={"x-request-id": "req_01j9-x"}))
    fake.refuse("outage")
    assert ", request req_01j9-x)" in await refused(fake, folder, saved(folder))


# What is listed


@each
async def test_its_list_of_models_is_read_in_the_form_that_it_has(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    settings = settings_for(folder, **settings_of(quirks))
    async with build_vision(settings, transport=fake.transport()) as vision:
        listed = await (await vision.journey()).catalogue()
    assert listed is not None
    assert tuple(one.model for one in listed) == quirks.models
    assert [(request.method, request.path) for request in fake.requests] == [
        ("GET", f"{urlsplit(quirks.address).path}/models")
    ]


@pytest.mark.parametrize("quirks", [OPENAI, GROQ, TOGETHER], ids=named)
async def test_a_wrong_key_is_found_by_asking_for_the_list(folder: Path, quirks: Quirks) -> None:
    fake = FakeProvider(quirks, key="another")
    settings = settings_for(folder, **settings_of(quirks))
    async with build_vision(settings, transport=fake.transport()) as vision:
        with pytest.raises(VisionError, match=f"check {quirks.key.upper()}") as caught:
            await (await vision.journey()).catalogue()
    assert caught.value.code == "unauthorized"


# How much


@pytest.mark.parametrize("detail", ["auto", "high"])
async def test_what_groq_would_refuse_as_too_large_is_made_smaller_before_it_is_sent(
    folder: Path, detail: str
) -> None:
    fake = FakeProvider(GROQ)
    path = saved(folder, "big.png", noise(2400, 1800))
    assert Path(path).stat().st_size > 3 * GROQ.max_body
    result = await answered(fake, folder, path, detail=detail)
    (request,) = fake.requests
    assert request.length < GROQ.max_body
    assert (
        "resized" in result["images"][0]["changes"] or "converted" in result["images"][0]["changes"]
    )


async def test_a_long_page_is_split_into_no_more_pictures_than_groq_takes(folder: Path) -> None:
    page = saved(folder, "page.jpg", photo().resize((700, 32_000)))
    sent = []
    for quirks in (OPENAI, GROQ):
        fake = FakeProvider(quirks)
        await answered(fake, folder, page, detail="high")
        sent.append(len(fake.requests[0].images))
    assert sent[0] > 3 >= sent[1] > 1


async def test_words_that_do_not_fit_are_told_before_anything_is_sent(folder: Path) -> None:
    fake = FakeProvider(GROQ)
    # Of a model whose context is not known: else that is what is told.
    told = await refused(fake, folder, saved(folder), prompt="x" * 4_300_000, model="another")
    assert told.startswith("[request_too_large]")
    assert "Groq takes 4,194,304" in told
    assert fake.requests == []


async def test_xai_gets_at_most_fifty_mebibytes(folder: Path) -> None:
    xai = FakeXAI()
    path = saved(folder, "big.png", noise(1800, 1300))
    async with connected(xai, folder) as client:
        structured_of(await client.call_tool("describe_image", {"image": path}))
        call = {"image": path, "prompt": "x" * (52_428_800 - 1_000_000), "model": "another"}
        told = error_text(await client.call_tool("describe_image", call))
    assert told.startswith("[request_too_large]")
    assert "xAI takes 52,428,800" in told
    assert [request.length > 1_000_000 for request in xai.requests] == [True]


# Over a socket


@each_self_hosted
async def test_ones_own_server_is_reached_over_http_at_its_address(
    folder: Path, quirks: Quirks
) -> None:
    fake = FakeProvider(quirks)
    path = saved(folder, "photo.jpg", photo())
    with fake.serve() as address:
        given = settings_of(quirks, base_url=address)
        async with connected(None, folder, **given) as client:
            result = await client.call_tool("describe_image", {"image": path})
    assert structured_of(result)["text"] == WORDS
    (request,) = fake.requests
    assert request.path == "/v1/chat/completions"
    assert request.images[0].data[:3] == b"\xff\xd8\xff"
    with Image.open(BytesIO(request.images[0].data)) as arrived:
        assert arrived.size == photo().size


async def test_an_address_without_its_end_is_told_as_such(folder: Path) -> None:
    fake = FakeProvider(LMSTUDIO)
    with fake.serve() as address:
        given = settings_of(LMSTUDIO, base_url=address.removesuffix("/v1") + "/elsewhere")
        async with connected(None, folder, **given) as client:
            result = await client.call_tool("describe_image", {"image": saved(folder)})
    assert "check GROK_VISION_BASE_URL, which usually ends in /v1" in error_text(result)


async def test_an_example_is_described_by_a_server_of_ones_own(folder: Path) -> None:
    fake = FakeProvider(replace(VLLM, models=("/models/qwen3-vl",)), key="mine")
    with fake.serve() as address:
        given = settings_of(VLLM, base_url=address, model="/models/qwen3-vl", api_key="mine")
        async with connected(None, EXAMPLES, **given) as client:
            image = str(EXAMPLES / "dashboard.png")
            result = await client.call_tool("describe_image", {"image": image})
    assert structured_of(result)["model"] == "/models/qwen3-vl"


# What Groq withholds


TOTAL = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}


def withheld(written: object, code: str = "json_validate_failed") -> Response:
    """Groq's answer where what the model wrote does not fit (console.groq.com/docs, 2026)."""
    error = {
        "message": "Failed to generate JSON. Please adjust your prompt. See 'failed_generation'",
        "type": "invalid_request_error",
        "code": code,
        "failed_generation": written,
    }
    return Response(400, {"error": error})


@pytest.mark.parametrize("written", ['{"total": "3"}', {"total": "3"}, '{"total": 3,'])
async def test_what_groq_withholds_because_it_does_not_fit_is_an_answer_that_does_not_fit(
    folder: Path, written: object
) -> None:
    fake = FakeProvider(GROQ, answer=in_turn(withheld(written), '{"total": 3}'))
    async with asking(fake, folder) as client:
        call = {"images": saved(folder), "schema": TOTAL}
        answer = structured_of(await client.call_tool("extract_json", call))
    assert (answer["data"], answer["attempts"]) == ({"total": 3}, 2)
    # Nobody knows what the first one cost.
    assert "cost_usd" not in answer["usage"]


@pytest.mark.parametrize(
    "failure",
    [withheld(""), withheld('{"total": 3}', code="other")],
    ids=["nothing was written", "another code"],
)
async def test_what_groq_refuses_without_an_answer_says_what_to_do(
    folder: Path, failure: Response
) -> None:
    fake = FakeProvider(GROQ, answer=in_turn(failure))
    async with asking(fake, folder) as client:
        call = {"images": saved(folder), "schema": TOTAL}
        text = error_text(await client.call_tool("extract_json", call))
    assert text.startswith("[rejected] Groq (")
    assert "wrote no answer that fits the schema; ask for less" in text
