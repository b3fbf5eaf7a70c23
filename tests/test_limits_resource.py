"""vision://limits: what may be read and sent, as it is configured, with and without a key."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.images import readable, readable_formats
from grok_vision.providers import endpoint
from grok_vision.results import Limits
from grok_vision.settings import Settings
from grok_vision.vision import known_limits

both_eras = pytest.mark.parametrize("era", ["auto", "legacy"], ids=["2026-07-28", "2025-11-25"])
KEY = "xai-distinctive-key-9876543210"


def limits(*, desktop: bool = True, **settings: Any) -> dict[str, Any]:
    return known_limits(Settings(**settings), desktop=desktop).told()


@pytest.mark.anyio
@both_eras
async def test_the_resource_tells_the_limits_and_no_key(
    folder: Path, era: Literal["auto", "legacy"]
) -> None:
    settings = Settings(xai_api_key=KEY, roots=(folder,), allow_hosts="localhost:3000", max_usd=2)
    async with Client(create_server(settings), mode=era) as client:
        listed = {str(one.uri): one for one in (await client.list_resources()).resources}
        (content,) = (await client.read_resource("vision://limits")).contents
    assert content.mime_type == listed["vision://limits"].mime_type == "application/json"
    text = getattr(content, "text", "")
    assert KEY not in text
    told = json.loads(text)
    assert Limits.model_validate(told) == known_limits(settings, desktop=True)
    assert told["reading"]["roots"] == [str(folder)]
    assert told["reading"]["allow_hosts"] == ["localhost:3000"]
    assert told["calls"] == {"deadline": 50.0, "retries": 3, "concurrency": 4, "max_usd": 2.0}


def test_what_the_configured_model_takes_is_told_with_its_evidence() -> None:
    images = endpoint(Settings(xai_api_key="k")).choose().images
    told = limits(xai_api_key="k")["sending"]
    assert (told["provider"], told["model"], told["host"]) == ("xai", "grok-4.3", "api.x.ai")
    assert told["max_image_bytes"] == images.max_bytes
    assert told["formats"] == list(images.formats)
    assert told["min_pixels"] == images.min_pixels
    assert (told["evidence"], told["source"]) == (images.evidence.grade, images.evidence.source)
    assert "problem" not in told


@pytest.mark.parametrize(
    ("settings", "sides"),
    [
        ({"openai_api_key": "k", "model": "gpt-4o"}, {"max_side": 2048, "max_short_side": 768}),
        ({"provider": "local"}, {"max_side": 20_000}),
        ({"xai_api_key": "k"}, {"max_side": 8192, "max_pixels": 2_408_448}),
    ],
    ids=["of a model", "of a provider", "of both"],
)
def test_the_size_to_which_pictures_are_reduced_is_told_where_it_is_known(
    settings: dict[str, Any], sides: dict[str, int]
) -> None:
    told = limits(**settings)["sending"]
    names = {"max_side", "max_short_side", "max_pixels"}
    assert {name: told[name] for name in names & set(told)} == sides


def test_without_a_key_the_offline_engine_answers_and_nothing_is_sent() -> None:
    told = limits()["sending"]
    assert (told["provider"], told["model"]) == ("local", "local/ocr")
    assert not {"host", "problem", "max_images"} & set(told)


@pytest.mark.parametrize(
    ("settings", "model", "problem"),
    [
        ({"provider": "xai"}, "grok-4.3", "[missing_key] xAI needs a key; set XAI_API_KEY"),
        ({"provider": "custom"}, None, "[bad_setting] GROK_VISION_PROVIDER=custom needs"),
        ({"provider": "ollama"}, None, "[bad_setting] Ollama has no default model"),
    ],
    ids=["key", "address", "model"],
)
def test_what_hinders_every_call_is_told_beside_the_limits(
    settings: dict[str, str], model: str | None, problem: str
) -> None:
    told = limits(**settings)["sending"]
    assert told["problem"].startswith(problem)
    assert told.get("model") == model
    assert told["max_image_bytes"] > 0


def test_a_model_of_another_provider_does_not_lend_its_limits() -> None:
    told = limits(provider="xai", model="gpt-4o")["sending"]
    assert (told["provider"], told["max_image_bytes"]) == ("xai", 10 * 1024 * 1024)
    assert "model" not in told


@pytest.mark.anyio
async def test_where_others_can_call_the_resource_names_no_folder_of_the_user() -> None:
    async with Client(create_server(Settings(), desktop=False)) as client:
        (content,) = (await client.read_resource("vision://limits")).contents
    reading = json.loads(getattr(content, "text", ""))["reading"]
    assert (reading["roots"], reading["sources"]) == ([], ["url", "upload", "data"])


def test_how_pictures_may_be_named_depends_on_who_can_call_and_on_the_settings(
    folder: Path,
) -> None:
    every = ["path", "url", "data", "latest", "clipboard"]
    assert limits(roots=(folder,))["reading"]["sources"] == every
    reading = limits(desktop=False, url_mode="off")["reading"]
    assert (reading["sources"], reading["roots"]) == (["upload", "data"], [])
    assert (reading["upload_bytes"], reading["upload_hours"]) == (64 * 1024 * 1024, 24.0)
    reading = limits(desktop=False, roots=(folder,), upload_bytes=0)["reading"]
    assert reading["sources"] == ["path", "url", "data"]
    assert "upload_bytes" not in reading


@pytest.mark.parametrize(
    ("distribution", "name"), [("pillow-heif", "HEIC"), ("pypdfium2", "PDF"), ("resvg-py", "SVG")]
)
def test_formats_are_those_that_are_installed(
    monkeypatch: pytest.MonkeyPatch, distribution: str, name: str
) -> None:
    every = readable_formats()
    assert {"PNG", "JPEG", "WebP", "GIF", "BMP", "TIFF", "ICO", "AVIF", name} <= set(every)
    monkeypatch.setattr(readable, "missing_formats", lambda: (distribution,))
    assert readable_formats() == tuple(one for one in every if one != name)


def test_every_field_whose_name_does_not_say_all_is_described() -> None:
    definitions = Limits.model_json_schema()["$defs"]
    bare = {
        f"{name}.{field}"
        for name, definition in definitions.items()
        for field, schema in definition["properties"].items()
        if "description" not in schema
    }
    assert bare == {"SendingLimits.provider"}
