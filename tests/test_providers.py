from pathlib import Path
from typing import Any

import pytest

from grok_vision.errors import VisionError
from grok_vision.providers import endpoint
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, describe, error_text, saved, structured

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        ({}, "local"),
        ({"xai_api_key": "k"}, "xai"),
        ({"xai_api_key": "k", "openai_api_key": "k"}, "xai"),
        ({"openai_api_key": "k"}, "openai"),
        ({"groq_api_key": "k", "openrouter_api_key": "k"}, "groq"),
        ({"together_api_key": "k"}, "together"),
        ({"openrouter_api_key": "k", "model": "m"}, "openrouter"),
        ({"api_key": "k"}, "xai"),
        ({"api_key": "k", "openai_api_key": "o"}, "xai"),
        ({"api_key": "k", "base_url": "https://relay.example/v1", "groq_api_key": "o"}, "custom"),
        ({"base_url": "http://localhost:9/v1", "model": "m"}, "custom"),
        ({"base_url": "http://localhost:9/v1", "xai_api_key": "k"}, "xai"),
        ({"provider": "local", "xai_api_key": "k"}, "local"),
        ({"provider": "ollama", "model": "m"}, "ollama"),
        ({"provider": "LMStudio", "model": "m"}, "lmstudio"),
    ],
)
def test_settings_choose_the_provider(given: dict[str, Any], provider: str) -> None:
    assert endpoint(Settings(**given)).provider.name == provider


@pytest.mark.parametrize("provider", ["xai", "openai", "groq", "together", "openrouter"])
def test_a_provider_without_its_key_says_which_variable_sets_it(provider: str) -> None:
    with pytest.raises(VisionError) as caught:
        endpoint(Settings(provider=provider))
    assert caught.value.code == "missing_key"
    assert f"{provider.upper()}_API_KEY" in caught.value.message


def test_the_general_key_wins_over_the_providers_own() -> None:
    key = endpoint(Settings(xai_api_key="own", api_key="general")).key
    assert key is not None
    assert key.get_secret_value() == "general"


def test_another_providers_key_does_not_go_to_a_configured_address() -> None:
    target = endpoint(Settings(base_url="https://relay.example/v1", openai_api_key="k", model="m"))
    assert (target.provider.name, target.key) == ("custom", None)


def test_a_server_on_the_network_needs_no_https_where_it_needs_no_key() -> None:
    address = "http://host.docker.internal:11434/v1"
    assert endpoint(Settings(provider="ollama", base_url=address)).base_url == address


@pytest.mark.parametrize("given", [{"xai_api_key": "k"}, {"provider": "ollama", "api_key": "k"}])
def test_a_key_never_travels_in_clear_text(given: dict[str, Any]) -> None:
    for address in ("http://relay.example/v1", "HTTP://relay.example/v1"):
        with pytest.raises(VisionError, match="must be https where a key is sent"):
            endpoint(Settings(base_url=address, **given))


def test_the_offline_engine_gets_no_key_and_no_address_of_another() -> None:
    target = endpoint(
        Settings(provider="local", api_key="k", base_url="https://elsewhere.example/v1", model="m")
    )
    assert target.key is None
    assert target.base_url == "http://offline.invalid/v1"
    assert target.default_model == "local/ocr"


def test_a_server_without_a_default_model_asks_for_one() -> None:
    with pytest.raises(VisionError) as caught:
        endpoint(Settings(provider="ollama")).choose()
    assert caught.value.code == "bad_setting"
    assert "GROK_VISION_MODEL" in caught.value.message


@pytest.mark.parametrize("model", ["grok-2-vision-latest", "grok-vision-beta", "grok-beta"])
async def test_a_dead_model_is_refused_before_any_call_with_its_successor(
    xai: FakeXAI, folder: Path, model: str
) -> None:
    text = error_text(await describe(xai, folder, saved(folder), model=model))
    assert text.startswith(f"[model_not_found] {model} no longer answers")
    assert "use grok-4.3 instead" in text
    assert xai.requests == []


async def test_a_dead_model_in_the_settings_is_refused_too(xai: FakeXAI, folder: Path) -> None:
    text = error_text(await describe(xai, folder, saved(folder), setting_model="grok-beta"))
    assert text.startswith("[model_not_found]")


@pytest.mark.parametrize(
    "model",
    [
        "grok-4-0709",
        "grok-4-fast-non-reasoning",
        "grok-4-fast-reasoning",
        "grok-4-1-fast-reasoning",
    ],
)
async def test_a_redirected_model_is_sent_and_its_real_name_and_price_are_told(
    xai: FakeXAI, folder: Path, model: str
) -> None:
    answer = structured(await describe(xai, folder, saved(folder), model=model))
    assert xai.requests[0].body["model"] == model
    assert "reasoning_effort" not in xai.requests[0].body
    assert answer["model"] == "grok-4.3"
    assert answer["warnings"] == [
        f"{model} is retired: grok-4.3 answers in its place, at $1.25 per million input tokens "
        "and $2.50 per million output tokens."
    ]


@pytest.mark.parametrize(
    "model",
    [
        "grok-4.7",
        "grok-4.6",
        "grok-4.5",
        "grok-4.5-latest",
        "grok-4.20-0309-non-reasoning",
        "grok-4.20-0309-reasoning",
    ],
)
async def test_parameters_that_a_model_refuses_are_left_out(
    xai: FakeXAI, folder: Path, model: str
) -> None:
    answer = structured(await describe(xai, folder, saved(folder), model=model))
    assert "reasoning_effort" not in xai.requests[0].body
    assert answer["warnings"] == []


async def test_an_alias_is_sent_as_it_is_with_what_is_known_of_its_model(
    xai: FakeXAI, folder: Path
) -> None:
    structured(await describe(xai, folder, saved(folder), model="grok-4.3-latest"))
    assert xai.requests[0].body["model"] == "grok-4.3-latest"
    assert xai.requests[0].body["reasoning_effort"] == "none"


async def test_an_unknown_model_is_asked_all_the_same(xai: FakeXAI, folder: Path) -> None:
    text = error_text(await describe(xai, folder, saved(folder), model="grok-9"))
    assert text.startswith("[model_not_found] xAI (HTTP 400")
    assert "grok-9" in text
    assert len(xai.requests) == 1


async def test_with_another_base_url_no_name_is_refused_or_warned_of(folder: Path) -> None:
    xai = FakeXAI()
    xai.fail(200, {"model": "mine", "choices": [{"message": {"content": "fine"}}]}, times=2)
    for model in ("grok-2-vision-latest", "grok-4-0709"):
        answer = structured(
            await describe(
                xai,
                folder,
                saved(folder),
                model=model,
                setting_base_url="https://relay.example/v1",
            )
        )
        assert answer["warnings"] == []
    assert [request.body["model"] for request in xai.requests] == [
        "grok-2-vision-latest",
        "grok-4-0709",
    ]


@pytest.mark.parametrize(
    ("provider", "parameter"),
    [("openai", "max_completion_tokens"), ("ollama", "max_tokens"), ("together", "max_tokens")],
)
async def test_the_token_limit_goes_by_the_name_that_the_provider_knows(
    folder: Path, provider: str, parameter: str
) -> None:
    xai = FakeXAI()
    xai.fail(200, {"choices": [{"message": {"content": "fine"}}]})
    await describe(
        xai,
        folder,
        saved(folder),
        max_tokens=50,
        setting_provider=provider,
        setting_api_key="k",
        setting_model="m",
    )
    assert xai.requests[0].body[parameter] == 50


async def test_without_a_key_the_offline_engine_answers_and_says_so(folder: Path) -> None:
    xai = FakeXAI()
    answer = structured(
        await describe(xai, EXAMPLES, str(EXAMPLES / "dashboard.png"), setting_xai_api_key=None)
    )
    assert answer["provider"] == "local"
    assert answer["model"] == "local/ocr"
    assert "No vision model was asked" in answer["text"]
    assert "$48,210" in answer["text"]
    assert "usage" not in answer
    assert answer["warnings"] == []
    assert xai.requests == []


async def test_the_offline_engine_says_what_it_did_not_follow(folder: Path) -> None:
    answer = structured(
        await describe(
            FakeXAI(),
            folder,
            saved(folder),
            prompt="What colour is the cat?",
            model="grok-4.7",
            setting_provider="local",
        )
    )
    assert answer["warnings"] == [
        "grok-4.7 was not asked: local/ocr answers offline.",
        "the offline engine follows no instructions: prompt and task were not used.",
    ]


async def test_the_offline_engine_never_answers_in_place_of_a_provider_that_failed(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(503)
    result = await describe(xai, folder, saved(folder), setting_retries=0)
    assert error_text(result).startswith("[unavailable]")
