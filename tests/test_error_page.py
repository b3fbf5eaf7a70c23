"""The page of errors: no code is without a meaning, and no example is one that nobody is told."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias, get_args

import pytest
from mcp.types import CallToolResult

from grok_vision.errors import (
    AnswerCode,
    Code,
    ConfigurationCode,
    ImageCode,
    ProviderCode,
    RequestCode,
    SharedStateCode,
    SourceCode,
)
from grok_vision.remedies import REMEDIES
from tests.fake_xai import FakeXAI, Recorded, Response
from tests.support import compare, describe, encoded, error_text, extract, quadrants, saved

CODES = (
    ConfigurationCode,
    SourceCode,
    ImageCode,
    RequestCode,
    ProviderCode,
    SharedStateCode,
    AnswerCode,
)
ALL_CODES = {code for codes in CODES for code in get_args(codes)}
# Which no code of ours raises today.
KEPT = {"animated"}

Way: TypeAlias = Callable[[FakeXAI, Path], Awaitable[CallToolResult]]


def of_picture(image: str, **given: Any) -> Way:
    """Return a call about the picture."""
    return lambda xai, folder: describe(xai, folder, image, **given)


def of_file(content: bytes, name: str = "shot.png", part: str = "", **given: Any) -> Way:
    """Return a call about a file with the content."""

    def call(xai: FakeXAI, folder: Path) -> Awaitable[CallToolResult]:
        (folder / name).write_bytes(content)
        return describe(xai, folder, name + part, **given)

    return call


def of_refusal(status: int, told: str = "", **headers: str) -> Way:
    """Return a call that the provider answers so, again and again."""

    def call(xai: FakeXAI, folder: Path) -> Awaitable[CallToolResult]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["x-request-id"] = "req_7f3a"
        xai.answer = lambda _: Response(status, {"error": told}, sent)
        return describe(xai, folder, Path(saved(folder)).name, setting_retries=0)

    return call


def of_answer(change: Callable[[dict[str, Any]], None]) -> Way:
    """Return a call whose answer is changed so."""

    def call(xai: FakeXAI, folder: Path) -> Awaitable[CallToolResult]:
        def answer(request: Recorded) -> dict[str, Any]:
            body = xai.completion(request, "A picture.")
            change(body)
            return body

        xai.answer = answer
        return describe(xai, folder, Path(saved(folder)).name)

    return call


def _blind(body: dict[str, Any]) -> None:
    body["usage"]["prompt_tokens_details"]["image_tokens"] = 0


def _empty(body: dict[str, Any]) -> None:
    body["choices"][0]["message"]["content"] = ""


def _refused(body: dict[str, Any]) -> None:
    body["choices"][0]["message"].update(content=None, refusal="I cannot help with that.")


async def without_the_extra(_: FakeXAI, folder: Path) -> CallToolResult:
    saved(folder)
    return await describe(
        None, folder, "shot.png", setting_provider="local", setting_xai_api_key=None
    )


async def not_there(xai: FakeXAI, folder: Path) -> CallToolResult:
    saved(folder, "dashboard.png")
    return await describe(xai, folder, "dashbord.png")


async def too_late(xai: FakeXAI, folder: Path) -> CallToolResult:
    xai.delay = 60
    return await describe(xai, folder, Path(saved(folder)).name, setting_deadline=1)


PNG = encoded(quadrants(), "PNG")
# One way to each code.
WAYS: dict[str, Way] = {
    "missing_key": of_file(PNG, setting_provider="openai"),
    "bad_setting": of_file(PNG, setting_provider="custom"),
    "missing_extra": without_the_extra,
    "bad_source": of_picture("data:image/png,shot"),
    "not_found": not_there,
    "not_allowed": of_picture("../secret.png"),
    "blocked_address": of_picture("http://127.0.0.1:3000/shot.png"),
    "fetch_failed": of_picture("http://127.0.0.1:9/shot.png", setting_allow_hosts=("127.0.0.1:9",)),
    "too_large": of_file(bytes(2048), setting_max_image_bytes=1024),
    "not_an_image": of_file(b"<!DOCTYPE html><title>Sign in</title>"),
    "unsupported_format": of_file(b"8BPS\0\1" + bytes(64), "layers.psd"),
    "damaged_image": of_file(PNG[:60]),
    "too_small": of_file(encoded(quadrants(3, 2), "PNG"), "dot.png"),
    "too_many_pixels": of_file(PNG, setting_max_pixels=1000),
    "bad_region": of_file(PNG, part="#xywh=500,500,10,10"),
    "too_many_images": lambda xai, folder: compare(xai, folder, ["shot.png"] * 11),
    "request_too_large": of_refusal(413),
    "bad_schema": lambda xai, folder: extract(xai, folder, "shot.png", schema={"type": "text"}),
    "bad_argument": of_picture("shot.png", promt="What is this?"),
    "over_budget": of_file(PNG, setting_max_usd=0.0001),
    "context_exceeded": of_refusal(
        400, "This model's maximum prompt length is 131072 but the request has 140000."
    ),
    "unauthorized": of_refusal(401),
    "out_of_credits": of_refusal(402),
    "model_not_found": of_picture("shot.png", model="grok-beta"),
    "rejected": of_refusal(400, "Invalid request."),
    "rate_limited": of_refusal(429, retry_after="20"),
    "unavailable": of_refusal(503),
    "timeout": too_late,
    "refused": of_answer(_refused),
    "empty_answer": of_answer(_empty),
    "blind_answer": of_answer(_blind),
}


def test_every_code_has_a_meaning() -> None:
    # Two kinds may share a code.
    assert list(REMEDIES) == list(
        dict.fromkeys(code for codes in CODES for code in get_args(codes))
    )


def test_every_code_that_a_call_can_end_with_has_an_example() -> None:
    assert {code for code, remedy in REMEDIES.items() if remedy.example} == ALL_CODES - KEPT
    assert set(WAYS) == ALL_CODES - KEPT


@pytest.mark.parametrize("code", WAYS)
async def test_an_example_is_what_a_caller_is_told(
    code: Code, xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.local.transport.missing", lambda: ("rapidocr",))
    monkeypatch.chdir(folder)
    told = error_text(await WAYS[code](xai, folder))
    assert told.replace(str(folder), "~/Pictures") == f"[{code}] {REMEDIES[code].example}"
