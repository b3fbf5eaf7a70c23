"""The relay: every shape of failure becomes one coded error, and none shows key or body."""

import inspect
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.chat import ChatRequest
from grok_vision.errors import VisionError
from grok_vision.providers import endpoint
from grok_vision.relay import Relay
from grok_vision.settings import Settings
from grok_vision.vision import build_vision
from tests.fake_xai import FakeXAI, Response
from tests.support import connected, describe, error_text, noise, saved, settings_for, structured

pytestmark = pytest.mark.anyio

KEY = "xai-distinctive-key-0123456789"
BODY = "DISTINCTIVE BODY TEXT"


def flat(code: str, error: str) -> dict[str, Any]:
    return {"code": code, "error": error}


def nested(message: str, code: str = "", kind: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "code": code, "param": None}}


FAILURES = [
    (400, "Bad request: the JSON is not valid", "rejected"),
    (422, "Failed to deserialize the JSON body into the target type: messages", "rejected"),
    (400, flat("invalid-argument", f"Incorrect API key provided: {KEY}."), "unauthorized"),
    (401, flat("unauthenticated:no-credentials", "No credentials"), "unauthorized"),
    (401, nested("Invalid API Key", "invalid_api_key"), "unauthorized"),
    (400, flat("invalid-argument", "Model not found: grok-9"), "model_not_found"),
    (404, nested("The model `x` does not exist", "model_not_found"), "model_not_found"),
    (400, flat("invalid_image", "Invalid PNG image."), "rejected"),
    (400, flat("400", "Argument not supported: stop"), "rejected"),
    (
        400,
        flat("invalid-argument", "This model's maximum prompt length is 8192"),
        "context_exceeded",
    ),
    (400, nested("too long", "context_length_exceeded"), "context_exceeded"),
    (402, nested("Payment required"), "out_of_credits"),
    (403, flat("permission-denied", "The key may not use this model"), "unauthorized"),
    (400, nested("schema violation in messages[1].content"), "rejected"),
    (403, flat("content-safety", "Content violates usage guidelines"), "refused"),
    (
        429,
        flat("x", "Your team has either used all available credits or reached its limit"),
        "out_of_credits",
    ),
    (429, nested("Rate limit reached", "rate_limit_exceeded"), "rate_limited"),
    (
        429,
        nested("Rate limit reached. Upgrade at console.groq.com/settings/billing", "rate_limit"),
        "rate_limited",
    ),
    (429, nested("Increase it by adding a payment method to your account"), "rate_limited"),
    (429, nested("You exceeded your current quota", "insufficient_quota"), "out_of_credits"),
    (403, "<html>Sorry, you have been blocked</html>", "unauthorized"),
    (200, {"code": "x", "error": "unavailable", "choices": None}, "unavailable"),
    (200, {"error": {"code": 402, "message": "x"}, "choices": []}, "out_of_credits"),
    (200, {"error": {"code": 429, "message": "slow down"}}, "rate_limited"),
    (200, {"choices": [{"error": {"code": 502}, "finish_reason": "error"}]}, "unavailable"),
    (404, "404 page not found", "rejected"),
    (410, flat("gone", "search_parameters is gone"), "rejected"),
    (413, "<html>413 Request Entity Too Large</html>", "request_too_large"),
    (415, "Unsupported media type", "rejected"),
    (500, nested("boom"), "unavailable"),
    (500, nested("image input is not supported by this server"), "rejected"),
    (400, nested("image input is not supported by this server"), "rejected"),
    (400, {"error": "'url' field must be a base64 encoded image."}, "rejected"),
    (502, "<html>bad gateway</html>", "unavailable"),
    (503, "", "unavailable"),
    (529, b"\xff\xfe\x00", "unavailable"),
    (408, "", "unavailable"),
    (302, "", "rejected"),
    (200, flat("x", "The service is currently unavailable"), "unavailable"),
    (200, nested("upstream failed"), "unavailable"),
    (200, {"error": "model is loading"}, "unavailable"),
    (200, "<html>login</html>", "unavailable"),
    (200, "", "unavailable"),
    (200, "[1, 2, 3]", "unavailable"),
    (200, "42", "unavailable"),
    (200, '{"choices": [{"message": {"content": "cut o', "unavailable"),
    (200, "[" * 100_000, "unavailable"),
    (204, "", "unavailable"),
]


@pytest.mark.parametrize(("status", "body", "code"), FAILURES)
async def test_every_known_error_shape_becomes_its_code(
    xai: FakeXAI, folder: Path, status: int, body: Any, code: str
) -> None:
    xai.fail(status, body)
    text = error_text(await describe(xai, folder, saved(folder), setting_retries=0))
    assert text.startswith(f"[{code}] ")
    assert len(xai.requests) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("shape", ["text", "flat", "nested", "string"])
async def test_no_message_shows_the_key_or_the_body(
    xai: FakeXAI, folder: Path, status: int, shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = f"{BODY} for key {KEY}"
    bodies: dict[str, Any] = {
        "text": said,
        "flat": flat(BODY, said),
        "nested": nested(said, BODY),
        "string": {"error": said},
    }
    xai.fail(status, bodies[shape], headers={"x-request-id": f"id with {KEY}"})
    settings = {"setting_xai_api_key": KEY, "setting_retries": 0}
    text = error_text(await describe(xai, folder, saved(folder), **settings))
    assert KEY not in text
    assert BODY not in text
    assert KEY not in caplog.text


async def test_a_refused_key_is_named_by_the_variable_that_it_came_from(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(401, times=2)
    own = error_text(await describe(xai, folder, saved(folder)))
    general = error_text(await describe(xai, folder, saved(folder), setting_api_key="k"))
    assert own.endswith("check XAI_API_KEY.")
    assert general.endswith("check GROK_VISION_API_KEY.")


async def test_halves_of_characters_do_not_reach_the_wire(xai: FakeXAI, folder: Path) -> None:
    settings = {"prompt": "what \udcff", "model": "m\udcff"}
    xai.fail(200, {"choices": [{"message": {"content": "fine"}}]})
    answer = structured(await describe(xai, folder, saved(folder), **settings))
    assert answer["model"] == "m?"
    assert xai.requests[0].texts[-1] == "what ?"


async def test_an_error_names_the_request_id_that_support_asks_for(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(500, headers={"x-request-id": "0191-ab"})
    text = error_text(await describe(xai, folder, saved(folder), setting_retries=0))
    assert "xAI (HTTP 500, request 0191-ab)" in text


async def test_a_rate_limit_says_when_to_try_again(xai: FakeXAI, folder: Path) -> None:
    xai.fail(429, headers={"retry-after": "170"})
    assert "try again in 170 s" in error_text(await describe(xai, folder, saved(folder)))
    assert len(xai.requests) == 1


async def test_a_refused_parameter_is_named(xai: FakeXAI, folder: Path) -> None:
    xai.fail(400, flat("400", "Argument not supported: reasoningEffort"))
    assert "parameter reasoningEffort" in error_text(await describe(xai, folder, saved(folder)))


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(folder: Path) -> None:
    with FakeXAI().serve() as elsewhere:
        xai = FakeXAI()
        xai.fail(307, headers={"location": f"{elsewhere}/chat/completions"})
        text = error_text(await describe(xai, folder, saved(folder)))
    assert "redirects elsewhere" in text
    assert len(xai.requests) == 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"content": None}, "empty_answer"),
        ({"content": ""}, "empty_answer"),
        ({"content": "  \n"}, "empty_answer"),
        ({"content": []}, "empty_answer"),
        ({}, "empty_answer"),
        ({"content": None, "refusal": "I cannot help with that."}, "refused"),
        (None, "empty_answer"),
    ],
)
async def test_an_answer_without_words_is_an_error(
    xai: FakeXAI, folder: Path, message: Any, code: str
) -> None:
    xai.answer = lambda _: {"choices": [{"message": message, "finish_reason": "stop"}]}
    assert error_text(await describe(xai, folder, saved(folder))).startswith(f"[{code}]")


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ([], "empty_answer"),
        (None, "empty_answer"),
        ("x", "empty_answer"),
        ([None], "unavailable"),
        ([1], "unavailable"),
    ],
)
async def test_choices_of_any_wrong_shape_end_in_a_code(
    xai: FakeXAI, folder: Path, choices: Any, code: str
) -> None:
    xai.answer = lambda _: {"choices": choices}
    assert error_text(await describe(xai, folder, saved(folder))).startswith(f"[{code}]")


async def test_words_that_came_before_an_error_were_paid_for_and_are_returned_marked(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: {
        "choices": [{"message": {"content": "The first half"}, "finish_reason": "error"}],
        "error": {"code": 502, "message": "upstream broke off"},
    }
    answer = structured(await describe(xai, folder, saved(folder)))
    assert (answer["text"], answer["truncated"]) == ("The first half", True)


async def test_an_answer_to_a_picture_that_was_not_seen_is_an_error(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: {
        "choices": [{"message": {"content": "A cat."}}],
        "usage": {"prompt_tokens": 20, "prompt_tokens_details": {"image_tokens": 0}},
    }
    text = error_text(await describe(xai, folder, saved(folder)))
    assert text.startswith("[blind_answer] xAI answered without having seen the picture")


@pytest.mark.parametrize(
    ("written", "returned"),
    [
        ("see ![x](https://evil.example/?q=1)", "see !\\[x](https://evil.example/?q=1)"),
        ("![a [b] c](https://evil.example)", "!\\[a [b] c](https://evil.example)"),
        ("<img src=x> <IMG src=x> <image>", "&lt;img src=x> &lt;img src=x> <image>"),
        ("![a][b] and [c](https://d.example)", "!\\[a][b] and [c](https://d.example)"),
        ("Wow! [sic] 5! [6]", "Wow! [sic] 5! [6]"),
    ],
)
async def test_no_answer_makes_a_host_fetch_a_picture(
    xai: FakeXAI, folder: Path, written: str, returned: str
) -> None:
    xai.answer = written
    assert structured(await describe(xai, folder, saved(folder)))["text"] == returned


async def test_no_proxy_sees_a_request_that_stays_on_this_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with FakeXAI().serve() as address:
        async with connected(None, folder, base_url=address) as client:
            structured(await client.call_tool("describe_image", {"image": saved(folder)}))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ALL_PROXY", "socks5://127.0.0.1:9"), ("SSL_CERT_FILE", "/nonexistent.pem")],
)
async def test_a_proxy_or_certificate_that_cannot_be_used_is_a_bad_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    async with connected(None, folder) as client:
        result = await client.call_tool("describe_image", {"image": saved(folder)})
    text = error_text(result)
    assert text.startswith("[bad_setting]")
    assert variable in text


async def test_an_answer_that_reasoning_ate_says_so(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}
    assert "raise max_tokens" in error_text(await describe(xai, folder, saved(folder)))


async def test_a_filtered_answer_is_refused(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: {"choices": [{"message": {}, "finish_reason": "content_filter"}]}
    assert error_text(await describe(xai, folder, saved(folder))).startswith("[refused]")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'"plain"', "plain"),
        (b'[{"type": "text", "text": "in "}, {"text": "parts"}, null]', "in parts"),
        (rb'"lone \ud800 surrogate"', "lone ? surrogate"),
        (b'"NaN beside it", "score": NaN', "NaN beside it"),
    ],
)
async def test_content_in_every_legal_form_is_read(
    xai: FakeXAI, folder: Path, content: bytes, text: str
) -> None:
    xai.fail(200, b'\xef\xbb\xbf\n{"choices": [{"message": {"content": ' + content + b"}}]}")
    assert structured(await describe(xai, folder, saved(folder)))["text"] == text


@pytest.mark.parametrize(
    "usage",
    [None, [], "x", {"prompt_tokens": "many"}, {"prompt_tokens": -1}, {"prompt_tokens": True}],
)
async def test_a_strange_usage_does_not_spoil_an_answer_that_was_paid_for(
    xai: FakeXAI, folder: Path, usage: Any
) -> None:
    xai.answer = lambda _: {"choices": [{"message": {"content": "fine"}}], "usage": usage}
    answer = structured(await describe(xai, folder, saved(folder)))
    assert answer["text"] == "fine"
    assert "cost_usd" not in answer.get("usage", {})


async def test_without_a_reported_cost_it_is_computed_from_the_prices(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: {
        "model": "grok-4.3",
        "choices": [{"message": {"content": "fine"}}],
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "total_tokens": 1200,
            "prompt_tokens_details": {"image_tokens": 600, "cached_tokens": 200},
            "completion_tokens_details": {"reasoning_tokens": 100},
        },
    }
    assert structured(await describe(xai, folder, saved(folder)))["usage"] == {
        "input_tokens": 1000,
        "output_tokens": 100,
        "reasoning_tokens": 100,
        "image_tokens": 600,
        "cached_tokens": 200,
        "total_tokens": 1200,
        "cost_usd": pytest.approx((800 * 1.25 + 200 * 0.20 + 200 * 2.50) / 1e6),
        "cost_source": "computed",
    }


async def test_a_long_prompt_costs_double_at_xai(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: {
        "choices": [{"message": {"content": "fine"}}],
        "usage": {"prompt_tokens": 200_000, "completion_tokens": 0},
    }
    usage = structured(await describe(xai, folder, saved(folder)))["usage"]
    assert usage["cost_usd"] == pytest.approx(2 * 200_000 * 1.25 / 1e6)


async def test_reasoning_is_taken_out_of_the_output_where_a_provider_counts_it_in(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: {
        "choices": [{"message": {"content": "fine"}}],
        "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 100,
            "completion_tokens_details": {"reasoning_tokens": 60},
        },
    }
    xai.fail(200, xai.answer(None))
    answer = structured(
        await describe(
            xai, folder, saved(folder), setting_provider="openai", setting_openai_api_key="k"
        )
    )
    assert answer["usage"]["output_tokens"] == 40
    assert answer["usage"]["reasoning_tokens"] == 60


async def test_a_response_without_end_is_given_up(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: Response(200, tuple([b"x" * 1_000_000] * 12))
    text = error_text(await describe(xai, folder, saved(folder)))
    assert text.startswith("[unavailable]")
    assert "not a chat completion" in text


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"<html>login</html>", ""), (b"x" * 12_000_000, ", since it is longer than 8 MiB")],
    ids=["page", "endless"],
)
async def test_a_page_in_the_place_of_the_list_of_models_is_told_as_such(
    content: bytes, why: str
) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=content))
    async with build_vision(Settings(xai_api_key=KEY), transport=transport) as vision:
        with pytest.raises(VisionError) as caught:
            await (await vision.journey()).catalogue()
    assert str(caught.value) == (
        "[unavailable] xAI at api.x.ai answered with something that is not a list of models"
        f"{why}; check GROK_VISION_BASE_URL."
    )


async def test_a_request_over_the_providers_limit_is_refused_before_it_is_sent(
    xai: FakeXAI, folder: Path
) -> None:
    path = saved(folder, "big.png", noise(1100, 1000))
    text = error_text(
        await describe(
            xai,
            folder,
            path,
            prompt="-" * 3_000_000,
            setting_provider="groq",
            setting_groq_api_key="k",
        )
    )
    assert text.startswith("[request_too_large]")
    assert "Groq takes 4,194,304" in text
    assert xai.requests == []


async def test_the_deadline_ends_a_call_that_hangs(folder: Path) -> None:
    xai = FakeXAI(delay=30)
    text = error_text(await describe(xai, folder, saved(folder), setting_deadline=0.3))
    assert text.startswith("[timeout]")
    assert "GROK_VISION_DEADLINE" in text


@pytest.mark.parametrize("slots", [1, 2])
async def test_calls_beyond_the_limit_wait_for_a_slot_and_are_all_answered(
    folder: Path, slots: int
) -> None:
    xai = FakeXAI(delay=0.05)
    peak = 0

    async def watch() -> None:
        nonlocal peak
        while xai.answered < 5:
            peak = max(peak, len(xai.requests) - xai.answered)
            await anyio.sleep(0.001)

    path = saved(folder)
    async with (
        connected(xai, folder, concurrency=slots) as client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(watch)
        for _ in range(5):
            tasks.start_soon(client.call_tool, "describe_image", {"image": path})
    assert xai.answered == 5
    assert peak == slots


async def test_a_client_that_leaves_does_not_end_the_calls_of_another(folder: Path) -> None:
    xai = FakeXAI(delay=0.3)
    path = saved(folder)
    results = []
    with xai.serve() as address:
        server = create_server(settings_for(folder, base_url=address))

        async def staying() -> None:
            async with Client(server) as client:
                results.append(await client.call_tool("describe_image", {"image": path}))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(staying)
            async with Client(server) as leaving:
                await leaving.list_tools()
                while not xai.requests:  # noqa: ASYNC110 - it is another thread that is awaited
                    await anyio.sleep(0.01)
    structured(results[0])


def exceptions(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for child in base.__subclasses__():
        yield from exceptions(child)


HTTPX_EXCEPTIONS = sorted(
    {
        kind
        for base in (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)
        for kind in exceptions(base)
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
async def test_every_exception_of_httpx2_is_mapped(kind: type[Exception], folder: Path) -> None:
    required = [
        name
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is inspect.Parameter.empty and name not in {"args", "kwargs"}
    ]
    values = {"request": httpx2.Request("GET", "http://x"), "response": httpx2.Response(500)}
    error = kind(**{name: values.get(name, f"says {KEY}") for name in required})

    def raising(_: httpx2.Request) -> httpx2.Response:
        raise error

    settings = Settings(xai_api_key=KEY)
    relay = Relay(concurrency=1, retries=0, transport=httpx2.MockTransport(raising))
    request = ChatRequest("m", (), {})
    async with relay.exchange(endpoint(settings), request) as (exchange, place):
        with pytest.raises(VisionError) as caught:
            await exchange.complete(nullcontext, place)
    await relay.aclose()
    assert caught.value.code in {"timeout", "unavailable"}
    assert KEY not in str(caught.value)
    assert "xAI" in str(caught.value)


def test_no_exception_of_httpx2_is_left_out() -> None:
    known = {kind for name in httpx2.__all__ if inspect.isclass(kind := getattr(httpx2, name))}
    raised = {kind for kind in known if issubclass(kind, Exception)}
    assert raised - set(HTTPX_EXCEPTIONS) <= {httpx2.SSEError}


async def test_a_refused_connection_names_the_host_and_the_setting(folder: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        async with connected(None, folder, base_url=address) as client:
            result = await client.call_tool("describe_image", {"image": saved(folder)})
    text = error_text(result)
    assert text.startswith(
        f"[unavailable] xAI: nothing listens at {address[7:-3]}; start the server"
    )
    assert "GROK_VISION_BASE_URL" in text


async def test_the_body_is_sent_with_its_length_and_pictures_of_many_chunks_arrive_whole(
    folder: Path,
) -> None:
    xai = FakeXAI()
    image = noise(1000, 900)
    path = saved(folder, "noise.png", image)
    with xai.serve() as address:
        async with connected(None, folder, base_url=address) as client:
            structured(await client.call_tool("describe_image", {"image": path}))
    (request,) = xai.requests
    assert int(request.headers["content-length"]) == request.length
    assert "transfer-encoding" not in request.headers
    assert len(request.images[0].data) > 2 * 384 * 1024
