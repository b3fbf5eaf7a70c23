"""The stand-in of xAI refuses what it should, in the right order, and counts as recorded."""

import base64
import json
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.fake_xai import FakeXAI, Link, Response

pytestmark = pytest.mark.anyio
CHAT = "/chat/completions"
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fake() -> FakeXAI:
    return FakeXAI(answer="A red square.")


@pytest.fixture
async def client(fake: FakeXAI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        transport=fake.transport(),
        base_url="https://api.x.ai/v1",
        headers={"Authorization": "Bearer test"},
    ) as client:
        yield client


def picture(width: int = 64, height: int = 64, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "red").save(file, kind, **options)
    return file.getvalue()


def uri(data: bytes, label: str = "image/png") -> str:
    return f"data:{label};base64,{base64.b64encode(data).decode()}"


def image(url: str, **extra: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **extra}}


def user(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [*parts, {"type": "text", "text": "What is it?"}]}]


def ask(*parts: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return {"model": "grok-4.6", "messages": user(*parts), **arguments}


def error(response: httpx2.Response) -> tuple[int, str]:
    """The status and the message of a refusal in the flat shape."""
    body = response.json()
    assert set(body) == {"code", "error"}
    return response.status_code, body["error"]


# --- what is recorded


async def test_a_request_is_recorded_with_its_pictures_decoded(fake, client):
    data = picture(64, 32)
    body = ask(image(uri(data), detail="low"))
    response = await client.post(CHAT, json=body)
    assert response.status_code == 200
    (seen,) = fake.requests
    assert (seen.method, seen.path, seen.body) == ("POST", "/v1/chat/completions", body)
    assert seen.headers["Authorization"] == "Bearer test"
    assert seen.length == int(seen.headers["content-length"])
    assert seen.texts == ("What is it?",)
    (shown,) = seen.images
    assert (shown.media_type, shown.data, shown.format) == ("image/png", data, "png")
    assert (shown.width, shown.height, shown.detail) == (64, 32, "low")
    assert not shown.has_metadata


async def test_a_refused_request_is_recorded_too(fake, client):
    sound, damaged = image(uri(picture())), image(uri(b"GIF89a"))
    assert (await client.post(CHAT, json=ask(damaged, sound))).status_code == 400
    assert (await client.post(CHAT, content=b"{")).status_code == 415
    assert [len(seen.images) for seen in fake.requests] == [1, 0]
    assert fake.requests[1].body is None


async def test_linked_pictures_are_recorded_and_not_fetched(fake, client):
    url = "https://example.invalid/a.png"
    response = await client.post(CHAT, json=ask(image(url, detail="high")))
    assert fake.requests[0].links == (Link(url, "high"),)
    # 512 x 512 by the rule: its size is not known
    assert response.json()["usage"]["prompt_tokens_details"]["image_tokens"] == 258


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[0x010E] = "a description"
    return tags


def cmyk() -> bytes:
    """A JPEG that cannot be read without its Adobe segment."""
    file = BytesIO()
    Image.new("CMYK", (64, 64)).save(file, "JPEG")
    assert b"Adobe" in file.getvalue()
    return file.getvalue()


def with_thumbnail(data: bytes) -> bytes:
    """A JPEG whose JFIF segment announces a thumbnail of 1 x 1."""
    return data[:18] + b"\1\1" + data[20:]


def comment() -> PngInfo:
    info = PngInfo()
    info.add_text("Author", "someone")
    return info


@pytest.mark.parametrize(
    ("data", "label", "metadata"),
    [
        (picture(), "image/png", ()),
        (picture(exif=exif()), "image/png", ("exif",)),
        (picture(pnginfo=comment()), "image/png", ("tEXt",)),
        (picture(dpi=(300, 300)), "image/png", ("pHYs",)),
        (picture() + b"PK\3\4", "image/png", ("trailing bytes",)),
        (picture(kind="JPEG"), "image/jpeg", ()),
        (picture(kind="JPEG", progressive=True), "image/jpeg", ()),
        (cmyk(), "image/jpeg", ()),
        (with_thumbnail(picture(kind="JPEG")), "image/jpeg", ("thumbnail",)),
        (picture(kind="JPEG", exif=exif()), "image/jpeg", ("exif",)),
        (picture(kind="JPEG", comment=b"hello"), "image/jpeg", ("comment",)),
        (picture(kind="JPEG", xmp=b"<x/>"), "image/jpeg", ("xmp",)),
        (picture(kind="JPEG") + b"PK\3\4", "image/jpeg", ("trailing bytes",)),
    ],
)
async def test_metadata_and_trailing_bytes_are_named(fake, client, data, label, metadata):
    assert (await client.post(CHAT, json=ask(image(uri(data, label))))).status_code == 200
    (shown,) = fake.requests[0].images
    assert shown.metadata == metadata
    assert shown.has_metadata == bool(metadata)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_colour_profile_is_named_but_is_not_metadata(fake, client, kind):
    data = picture(kind=kind, icc_profile=b"\0" * 128)
    await client.post(CHAT, json=ask(image(uri(data, f"image/{kind.lower()}"))))
    (shown,) = fake.requests[0].images
    assert shown.metadata == ("icc",)
    assert not shown.has_metadata


# --- the order of refusals

REFUSALS_IN_ORDER = [
    ("not JSON", 400, "Failed to parse"),
    ("wrong type", 422, "Failed to deserialize the JSON body into the target type: "),
    ("unknown model", 400, "Model not found: grok-99"),
    ("wrong key", 400, "Incorrect API key provided: "),
    ("bad argument", 400, "Argument not supported: size"),
    ("bad image", 400, "Base64 string of provided image cannot be decoded."),
]


@pytest.mark.parametrize(("first", "status", "text"), REFUSALS_IN_ORDER)
async def test_of_several_faults_the_first_in_order_is_told(client, first, status, text):
    """Every later fault is present as well, none of the earlier ones is."""
    names = [name for name, _, _ in REFUSALS_IN_ORDER]
    faults = set(names[names.index(first) :])
    body = ask(image("data:image/png;base64,???"))
    if "bad argument" in faults:
        body["size"] = "large"
    if "unknown model" in faults:
        body["model"] = "grok-99"
    if "wrong type" in faults:
        body["temperature"] = "hot"
    raw = json.dumps(body) + ("}" if "not JSON" in faults else "")
    key = "Bearer wrong-key" if "wrong key" in faults else "Bearer test"
    headers = {"Authorization": key, "Content-Type": "application/json"}
    response = await client.post(CHAT, content=raw, headers=headers)
    assert response.status_code == status
    assert text in response.text


async def test_a_wrong_key_is_400_and_the_message_echoes_its_ends(client):
    response = await client.post(CHAT, json=ask(), headers={"Authorization": "Bearer te-secret-st"})
    status, message = error(response)
    assert status == 400
    assert message.startswith("Incorrect API key provided: te***st.")
    assert response.json()["code"] == "invalid-argument"


@pytest.mark.parametrize("path", ["/chat/completions", "/models", "/language-models", "/api-key"])
async def test_no_credentials_is_401(fake, path):
    transport = fake.transport()
    async with httpx2.AsyncClient(transport=transport, base_url="https://api.x.ai/v1") as client:
        request = client.post(path, json=ask()) if path == CHAT else client.get(path)
        response = await request
    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated:no-credentials"


async def test_another_scheme_is_no_credentials(client):
    response = await client.post(CHAT, json=ask(), headers={"Authorization": "Basic test"})
    assert response.status_code == 401


# --- transport


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": "application/json", "Content-Length": "3"}, 400),
    ],
)
async def test_the_headers_of_the_body_must_be_right(client, headers, status):
    raw = json.dumps(ask()).encode()
    assert (await client.post(CHAT, content=raw, headers=headers)).status_code == status


async def test_a_body_without_a_length_is_refused(client):
    async def pieces() -> AsyncIterator[bytes]:
        yield json.dumps(ask()).encode()

    response = await client.post(
        CHAT, content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 411


@pytest.mark.parametrize(("too_much", "status"), [(0, 400), (1, 413)])
async def test_a_body_over_50_mib_is_refused(client, too_much, status):
    raw = bytes(50 * 1024 * 1024 + too_much)
    headers = {"Content-Type": "application/json"}
    assert (await client.post(CHAT, content=raw, headers=headers)).status_code == status


async def test_nan_is_not_json(client):
    raw = json.dumps(ask(temperature=float("nan")))
    headers = {"Content-Type": "application/json"}
    response = await client.post(CHAT, content=raw, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(("method", "path"), [("GET", CHAT), ("POST", "/responses"), ("GET", "/")])
async def test_other_endpoints_are_not_there(client, method, path):
    assert (await client.request(method, path)).status_code == 404


# --- types


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="not an object"),
        pytest.param({"messages": user()}, id="no model"),
        pytest.param({"model": "grok-4.6"}, id="no messages"),
        pytest.param(ask(messages=[{"role": "user"}]), id="no content"),
        pytest.param(ask(messages=[{"role": "wizard", "content": "x"}]), id="unknown role"),
        pytest.param(
            ask({"type": "image_url", "image_url": uri(picture())}), id="image_url is a bare string"
        ),
        pytest.param(ask({"type": "image_url", "image_url": {}}), id="image_url without url"),
        pytest.param(ask(image(uri(picture()), detail="huge")), id="unknown detail"),
        pytest.param(ask({"type": "text"}), id="text part without text"),
        pytest.param(ask(temperature="0.5"), id="number as string"),
        pytest.param(ask(max_tokens=1.5), id="fraction of a token"),
        pytest.param(ask(stream="yes"), id="stream is not a boolean"),
        pytest.param(ask(reasoning_effort="huge"), id="effort nobody knows"),
    ],
)
async def test_wrong_types_are_422_in_plain_text(client, body):
    response = await client.post(CHAT, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"].startswith("text/plain")
    start = "Failed to deserialize the JSON body into the target type: "
    assert response.text.startswith(start)


async def test_the_second_opinion_does_not_repeat_what_was_sent(client):
    response = await client.post(CHAT, json=ask(temperature="secret"))
    assert response.status_code == 422
    assert "secret" not in response.text


@pytest.mark.parametrize("kind", ["input_image", "file", "input_audio", None])
async def test_a_part_that_is_neither_text_nor_image_is_an_empty_block(client, kind):
    response = await client.post(CHAT, json=ask({"type": kind}))
    assert error(response) == (400, "Empty content block")


# --- models


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("grok-4.7-latest", "grok-4.7"),
        ("grok-4.6-latest", "grok-4.6"),
        ("grok-4.5-latest", "grok-4.5"),
        ("grok-4.3", "grok-4.3"),
        ("grok-4.3-latest", "grok-4.3"),
        ("grok-4.20-0309-reasoning", "grok-4.20-0309-reasoning"),
        ("grok-4.20-0309-non-reasoning", "grok-4.20-0309-non-reasoning"),
        ("grok-4-0709", "grok-4.3"),
        ("grok-4-fast-reasoning", "grok-4.3"),
        ("grok-4-fast-non-reasoning", "grok-4.3"),
        ("grok-4-1-fast-reasoning", "grok-4.3"),
        ("grok-4-1-fast-non-reasoning", "grok-4.3"),
        ("grok-3", "grok-4.3"),
    ],
)
async def test_the_answer_names_the_model_that_served_it(client, asked, answered):
    response = await client.post(CHAT, json=ask(model=asked))
    assert response.json()["model"] == answered


@pytest.mark.parametrize(
    "name", ["grok-2-vision-latest", "grok-2-vision-1212", "grok-vision-beta", "grok-beta", ""]
)
async def test_dead_models_are_not_found(client, name):
    response = await client.post(CHAT, json=ask(model=name))
    assert error(response) == (400, f"Model not found: {name}")


# --- arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": "1024x1024"}, "Argument not supported: size"),
        ({"max_token": 5}, "Argument not supported: max_token"),
        ({"presence_penalty": 0.5}, "Argument not supported: presence_penalty"),
        ({"frequency_penalty": 0.5}, "Argument not supported: frequency_penalty"),
        ({"logit_bias": {"1": 1}}, "Argument not supported: logit_bias"),
        ({"temperature": 2.1}, "Argument out of range: temperature"),
        ({"top_p": -0.1}, "Argument out of range: top_p"),
        ({"max_tokens": 0}, "Argument out of range: max_tokens"),
        ({"max_completion_tokens": -1}, "Argument out of range: max_completion_tokens"),
        ({"messages": []}, "Messages cannot be empty."),
        ({"n": 2}, "stand-in: n must be 1"),
        (
            {"stream_options": {"include_usage": True}},
            "stand-in: stream_options without stream",
        ),
    ],
)
@pytest.mark.parametrize("model", ["grok-4.6", "grok-4.3"])
async def test_arguments_that_no_model_takes_are_refused(client, model, arguments, message):
    response = await client.post(CHAT, json=ask(**{"model": model, **arguments}))
    assert error(response) == (400, message)


async def test_live_search_is_gone(client):
    response = await client.post(CHAT, json=ask(search_parameters={"mode": "auto"}))
    assert response.status_code == 410


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (ask(image("https://a.example/b.png", details="low")), "image_url.details"),
        (ask({"type": "text", "text": "x", "txt": "y"}), "messages[0].content[0].txt"),
        (ask(messages=[{"role": "user", "content": "x", "nmae": "y"}]), "messages[0].nmae"),
        (
            ask(messages=[{"role": "system", "content": "x", "tool_call_id": "y"}]),
            "messages[0].tool_call_id",
        ),
        (ask(stream=True, stream_options={"usage": True}), "stream_options.usage"),
        (ask(response_format={"type": "json_object", "strict": True}), "response_format.strict"),
        (
            ask(
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "a", "schema": SCHEMA, "strct": True},
                }
            ),
            "response_format.json_schema.strct",
        ),
    ],
)
async def test_unknown_keys_are_refused_at_every_level(client, body, path):
    status, message = error(await client.post(CHAT, json=body))
    assert status == 400
    assert message.startswith("Argument not supported: ")
    assert message.endswith(path)


async def test_everything_we_may_send_at_once_is_accepted(client):
    system = {"role": "system", "content": "Be short."}
    body = ask(
        messages=[system, *user(image(uri(picture()), detail="auto"))],
        temperature=0,
        top_p=1,
        seed=7,
        max_completion_tokens=100,
        reasoning_effort="low",
        user="someone",
        stream=False,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "invoice", "schema": SCHEMA, "strict": True},
        },
    )
    assert (await client.post(CHAT, json=body)).status_code == 200


ALL_EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh", "max"}
ACCEPTED_EFFORTS = {
    "grok-4.7": {"minimal", "low", "medium", "high", "xhigh"},
    "grok-4.6": {"minimal", "low", "medium", "high", "xhigh"},
    "grok-4.5": {"minimal", "low", "medium", "high"},
    "grok-4.3": {"none", "low", "medium", "high", "xhigh"},
    "grok-4.20-0309-non-reasoning": set(),
    "grok-4-1-fast-non-reasoning": set(),
}


@pytest.mark.parametrize("model", ACCEPTED_EFFORTS)
async def test_each_model_takes_its_own_efforts(client, model):
    accepted = set()
    for effort in ALL_EFFORTS:
        response = await client.post(CHAT, json=ask(model=model, reasoning_effort=effort))
        if response.status_code == 200:
            accepted.add(effort)
        else:
            assert error(response)[0] == 400
    assert accepted == ACCEPTED_EFFORTS[model]


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("grok-4.7", 400),
        ("grok-4.6", 400),
        ("grok-4.5", 400),
        ("grok-4.3", 200),
        ("grok-4.20-0309-non-reasoning", 200),
    ],
)
async def test_stop_works_until_4_3(client, model, status):
    response = await client.post(CHAT, json=ask(model=model, stop=["END"]))
    assert response.status_code == status


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize("before", ["system", "user"])
async def test_the_system_message_is_single_and_first(client, before, role):
    messages = [{"role": before, "content": "x"}, {"role": role, "content": "y"}]
    status, message = error(await client.post(CHAT, json=ask(messages=messages)))
    assert (status, message) == (400, "stand-in: the system message is not single and first")


async def test_detail_original_is_openais_alone(client):
    body = ask(image(uri(picture()), detail="original"))
    assert error(await client.post(CHAT, json=body))[1] == (
        "stand-in: xAI has no image detail original"
    )


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"enum": []}, "empty enum at schema"),
        ({"anyOf": []}, "empty anyOf at schema"),
        ({"type": "array", "minContains": 1}, "minContains at schema"),
        ({"type": "array", "maxContains": 1}, "maxContains at schema"),
        ({"type": "array", "items": [{}]}, "array-form items at schema"),
        ({"properties": {"a": True}}, "boolean schema at schema.properties.a"),
        ({"properties": {"a": {"items": {"enum": []}}}}, "enum at schema.properties.a.items"),
        ({"anyOf": [{"enum": []}]}, "empty enum at schema.anyOf[0]"),
    ],
)
async def test_schemas_that_xai_does_not_take_are_refused(client, schema, problem):
    response_format = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    status, message = error(await client.post(CHAT, json=ask(response_format=response_format)))
    assert status == 400
    assert message.endswith(problem)


async def test_a_schema_needs_a_plain_name(client):
    response_format = {"type": "json_schema", "json_schema": {"name": "a b", "schema": SCHEMA}}
    response = await client.post(CHAT, json=ask(response_format=response_format))
    assert error(response) == (400, "Invalid response_format: name")


# --- pictures

UNDECODABLE = "Base64 string of provided image cannot be decoded."
NO_PICTURE = "Downloaded response does not contain a valid JPG, PNG, WebP, or ICO image."


def png(header: bytes, pixels: bytes) -> bytes:
    """A PNG whose chunks are sound, whatever they hold."""
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def png_header(width: int, height: int) -> bytes:
    return struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)


def with_wrong_pixel_checksum(data: bytes) -> bytes:
    """The one checksum that Pillow does not look at when it decodes."""
    place = len(data) - 13  # the end of IDAT; IEND is 12 bytes
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("data:image/png;base64,???", UNDECODABLE),
        ("data:image/png;base64,iVBORw0KGgo", UNDECODABLE),  # no padding
        (uri(picture())[:60] + "\n" + uri(picture())[60:], UNDECODABLE),
        ("data:image/png;base64,", UNDECODABLE),
        ("data:image/png,abcd", UNDECODABLE),
        ("data:image/png;base64,é", UNDECODABLE),
        ("file:///etc/passwd", "stand-in: an image URL must be data: or http(s):"),
        ("http://localhost/a.png", "stand-in: a URL must lead to a public host"),
        ("http://10.0.0.1/a.png", "stand-in: a URL must lead to a public host"),
        ("http://nas.local/a.png", "stand-in: a URL must lead to a public host"),
        ("https://a.example/\u00fc.png", "stand-in: a URL goes percent-encoded"),
        ("https://u:p@a.example/b.png", "stand-in: a URL goes without user and fragment"),
        ("https://a.example/b.png#xywh=0,0,9,9", "stand-in: a URL goes without user and fragment"),
        ("https://a.example/b.webp?c", "stand-in: send JPEG or PNG"),
        (uri(b"hello, I am text"), NO_PICTURE),
        (uri(picture(kind="GIF"), "image/gif"), NO_PICTURE),
        (
            uri(picture(kind="WEBP"), "image/webp"),
            "stand-in: WebP is not portable, send JPEG or PNG",
        ),
        (
            uri(picture(kind="ICO"), "image/x-icon"),
            "stand-in: ICO is not portable, send JPEG or PNG",
        ),
        (
            uri(picture(), "image/jpeg"),
            "stand-in: a picture labelled image/jpeg is image/png",
        ),
        (
            uri(picture(kind="JPEG"), "image/jpg"),
            "stand-in: a picture labelled image/jpg is image/jpeg",
        ),
        (uri(picture()[:-20]), "Invalid PNG image."),
        (uri(picture()[:40]), "Invalid PNG image."),
        (uri(with_wrong_pixel_checksum(picture())), "Invalid PNG image."),
        (uri(png(png_header(64, 64), b"not deflated")), "Invalid PNG image."),
        (uri(picture(kind="JPEG")[:-20], "image/jpeg"), "Invalid JPEG image."),
        (uri(picture(kind="JPEG")[:-2], "image/jpeg"), "Invalid JPEG image."),
        (uri(picture(kind="JPEG")[:100], "image/jpeg"), "Invalid JPEG image."),
        (uri(picture(1, 1)), "Image dimensions 1x1 are too small."),
        (uri(picture(7, 100)), "Image dimensions 7x100 are too small."),
        (
            uri(picture(15, 17)),
            "Image has 255 total pixels (15x17), which is below the minimum of 512 pixels.",
        ),
        (
            uri(png(png_header(20_000, 20_000), b"")),
            "Image has 400000000 total pixels (20000x20000).",
        ),
    ],
    ids=lambda value: value[:40],
)
async def test_one_bad_picture_refuses_the_whole_request(client, url, message):
    body = ask(image(uri(picture())), image(url))
    response = await client.post(CHAT, json=body)
    assert error(response) == (400, message)
    assert response.json()["code"] == "invalid_image"


async def test_of_several_bad_pictures_the_first_is_told(client):
    body = ask(image("data:image/png;base64,???"), image(uri(picture(1, 1))))
    assert error(await client.post(CHAT, json=body)) == (400, UNDECODABLE)


@pytest.mark.parametrize("size", [(8, 64), (16, 32)])
async def test_the_smallest_pictures_are_accepted(client, size):
    assert (await client.post(CHAT, json=ask(image(uri(picture(*size)))))).status_code == 200


# --- the answer


async def test_an_answer_is_a_chat_completion(client):
    response = await client.post(CHAT, json=ask())
    completion = ChatCompletion.model_validate(response.json(), strict=True)
    assert completion.object == "chat.completion"
    (choice,) = completion.choices
    assert choice.message.content == "A red square."
    assert choice.finish_reason == "stop"
    assert response.json()["choices"][0]["message"]["refusal"] is None
    assert response.headers["x-request-id"]
    assert response.headers["x-ratelimit-remaining-requests"]


async def test_rate_limits_are_told_with_successful_answers_only(client):
    response = await client.post(CHAT, json=ask(size=1))
    assert response.headers["x-request-id"]
    assert "x-ratelimit-remaining-requests" not in response.headers


@pytest.mark.parametrize(
    ("size", "detail", "tokens"),
    [
        ((595, 842), "auto", 515),  # recorded, grok-4.6
        ((1024, 1024), "high", 1026),  # live probe
        ((1024, 1024), "low", 258),  # live probe
        ((400, 100), "low", 13 * 4 + 2),  # low does not enlarge
        ((1000, 314), "low", 16 * 6 + 2),  # 512 x 160.8: rounded, not cut
        ((1920, 1080), "high", 60 * 34 + 2),  # below the budget: as it is
        ((4000, 3000), "high", 56 * 42 + 2),  # shrunk to 1792x1344
    ],
)
async def test_pictures_cost_what_was_recorded(client, size, detail, tokens):
    body = ask(image(uri(picture(*size)), detail=detail))
    usage = (await client.post(CHAT, json=body)).json()["usage"]
    assert usage["prompt_tokens_details"]["image_tokens"] == tokens


@pytest.mark.parametrize(
    ("model", "tokens"), [("grok-4.6", 637), ("grok-4.20-0309-non-reasoning", 185)]
)
async def test_hi_costs_what_was_recorded(client, model, tokens):
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    usage = (await client.post(CHAT, json=body)).json()["usage"]
    assert usage["prompt_tokens"] == tokens


async def test_usage_adds_up_as_on_xai(fake, client):
    fake.cached_tokens = 512
    body = ask(image(uri(picture())), image(uri(picture(kind="JPEG"), "image/jpeg")))
    usage = (await client.post(CHAT, json=body)).json()["usage"]
    text = 636 + 3  # "What is it?" is 11 bytes
    assert usage == {
        "prompt_tokens": text + 12,
        "completion_tokens": 4,  # "A red square." is 13 bytes
        "total_tokens": text + 12 + 4 + 1024,
        "prompt_tokens_details": {
            "text_tokens": text,
            "audio_tokens": 0,
            "image_tokens": 12,
            "cached_tokens": 512,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 1024,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "num_sources_used": 0,
        # $2 for text and pictures, $0.50 cached, $6 out, per million; 10_000 ticks are $1 of those
        "cost_in_usd_ticks": (text - 512 + 12) * 20_000 + 512 * 5_000 + (4 + 1024) * 60_000,
    }


async def test_a_prompt_of_200k_tokens_costs_double(fake, client):
    messages = [{"role": "user", "content": "x" * 4 * (200_000 - 184)}]
    body = ask(model="grok-4.20-0309-non-reasoning", messages=messages)
    usage = (await client.post(CHAT, json=body)).json()["usage"]
    assert usage["prompt_tokens"] == 200_000
    assert usage["cost_in_usd_ticks"] == 2 * (200_000 * 12_500 + 4 * 25_000)


@pytest.mark.parametrize(
    ("arguments", "thinks"),
    [
        ({"model": "grok-4.7"}, True),
        ({"model": "grok-4.3"}, True),
        ({"model": "grok-4.3", "reasoning_effort": "none"}, False),
        ({"model": "grok-4.20-0309-reasoning"}, True),
        ({"model": "grok-4.20-0309-non-reasoning"}, False),
        ({"model": "grok-4-fast-reasoning"}, True),
        ({"model": "grok-4-fast-non-reasoning"}, False),
    ],
)
async def test_reasoning_models_think_and_no_limit_stops_them(client, arguments, thinks):
    response = await client.post(CHAT, json=ask(max_tokens=1, **arguments))
    details = response.json()["usage"]["completion_tokens_details"]
    assert (details["reasoning_tokens"] > 1) == thinks


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_below_the_answer_cuts_it(client, limit):
    body = (await client.post(CHAT, json=ask(**{limit: 2}))).json()
    assert body["choices"][0]["message"]["content"] == "A red sq"
    assert body["choices"][0]["finish_reason"] == "length"
    assert body["usage"]["completion_tokens"] == 2


async def test_a_letter_is_not_cut_in_two(fake, client):
    fake.answer = "aéé"
    body = (await client.post(CHAT, json=ask(max_tokens=1))).json()
    assert body["choices"][0]["message"]["content"] == "aé"


async def test_an_answer_that_fits_its_limit_is_whole(client):
    body = (await client.post(CHAT, json=ask(max_tokens=4))).json()
    assert body["choices"][0]["finish_reason"] == "stop"


# --- scripts


async def test_a_function_answers_from_what_it_saw(fake, client):
    fake.answer = lambda seen: f"{len(seen.images)} pictures"
    body = (await client.post(CHAT, json=ask(image(uri(picture()))))).json()
    assert body["choices"][0]["message"]["content"] == "1 pictures"


async def test_a_function_may_change_the_completion(fake, client):
    fake.answer = lambda seen: fake.completion(seen, "No.") | {"model": "grok-next"}
    body = (await client.post(CHAT, json=ask())).json()
    assert body["model"] == "grok-next"
    assert body["choices"][0]["message"]["content"] == "No."


async def test_a_function_may_answer_an_error_with_200(fake, client):
    told = {"code": "unavailable", "error": "The service is currently unavailable"}
    fake.answer = lambda _: told
    response = await client.post(CHAT, json=ask())
    assert (response.status_code, response.json()) == (200, told)


async def test_a_function_may_answer_anything(fake, client):
    fake.answer = lambda _: Response(302, "over there", {"Location": "/x"})
    response = await client.post(CHAT, json=ask())
    assert (response.status_code, response.text) == (302, "over there")
    assert response.headers["location"] == "/x"


async def test_failures_come_in_order_before_any_check_and_then_end(fake, client):
    fake.fail(500, "oops", times=2)
    fake.fail(429, {"code": "x", "error": "slow"}, {"Retry-After": "7"})
    fake.fail(502, b"<html>", {"Content-Type": "text/html"})
    answers = [await client.post(CHAT, content=b"nonsense") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 500, 429, 502]
    assert answers[0].text == "oops"
    assert answers[2].json() == {"code": "x", "error": "slow"}
    assert answers[2].headers["retry-after"] == "7"
    assert answers[3].headers["content-type"] == "text/html"
    assert (await client.post(CHAT, json=ask())).status_code == 200
    assert len(fake.requests) == 5


# --- catalogue


async def test_the_catalogue_gives_prices_in_cents_per_100_million_tokens(client):
    models = (await client.get("/language-models")).json()["models"]
    flagship = next(model for model in models if model["id"] == "grok-4.7")
    # $2.00, $0.50 and $6.00 per million
    assert flagship["prompt_text_token_price"] == 20_000
    assert flagship["prompt_image_token_price"] == 20_000
    assert flagship["cached_prompt_text_token_price"] == 5_000
    assert flagship["completion_text_token_price"] == 60_000
    assert flagship["input_modalities"] == ["text", "image"]


async def test_models_gives_windows_and_the_price_of_long_prompts(client):
    listing = (await client.get("/models")).json()
    assert listing["object"] == "list"
    fast = next(model for model in listing["data"] if model["id"] == "grok-4.3")
    assert fast["aliases"] == ["grok-4.3-latest"]
    assert fast["context_length"] == 1_000_000
    assert fast["long_context_threshold"] == 200_000
    assert fast["prompt_text_token_price_long_context"] == 25_000


async def test_the_key_is_described_redacted(client):
    key = (await client.get("/api-key")).json()
    assert key["redacted_api_key"] == "te***st"
    assert key["team_blocked"] is False


@pytest.mark.parametrize("path", ["/models", "/language-models", "/api-key"])
async def test_the_catalogue_needs_the_key(client, path):
    response = await client.get(path, headers={"Authorization": "Bearer wrong"})
    assert error(response)[0] == 400


# --- streams


def events(text: str) -> list[str]:
    assert text.endswith("\n\n")
    return [event.removeprefix("data: ") for event in text.removesuffix("\n\n").split("\n\n")]


@pytest.mark.parametrize("include_usage", [True, False])
async def test_a_stream_is_role_words_end_usage_if_asked_and_done(client, include_usage):
    body = ask(stream=True, stream_options={"include_usage": include_usage})
    response = await client.post(CHAT, json=body)
    assert response.headers["content-type"] == "text/event-stream"
    *lines, done = events(response.text)
    assert done == "[DONE]"
    chunks = [ChatCompletionChunk.model_validate_json(line, strict=True) for line in lines]
    usages = [chunk for chunk in chunks if not chunk.choices]
    assert len(usages) == include_usage
    assert all(chunk.usage and chunk.usage.completion_tokens == 4 for chunk in usages)
    first, *words, last = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert first.delta.role == "assistant"
    assert [word.delta.content for word in words] == ["A ", "red ", "square."]
    assert last.finish_reason == "stop"


async def test_a_stream_may_be_scripted_event_by_event(fake, client):
    fake.answer = lambda _: Response(200, (b"data: {}\n\n", b'data: {"code":"x","error":"y"}\n\n'))
    response = await client.post(CHAT, json=ask(stream=True))
    assert events(response.text) == ["{}", '{"code":"x","error":"y"}']


# --- over a socket


async def test_the_official_client_accepts_the_answers(fake):
    with fake.serve() as base_url:
        async with openai.AsyncOpenAI(api_key="test", base_url=base_url, max_retries=0) as client:
            completion = await client.chat.completions.create(**ask(image(uri(picture()))))
            stream = await client.chat.completions.create(
                **ask(stream=True, stream_options={"include_usage": True})
            )
            chunks = [chunk async for chunk in stream]
            models = [model.id async for model in client.models.list()]
    assert completion.choices[0].message.content == "A red square."
    assert completion.usage.prompt_tokens_details.image_tokens == 6
    said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(said) == "A red square."
    assert chunks[-1].usage.total_tokens > 0
    assert "grok-4.7" in models


async def test_the_official_client_understands_a_refusal(fake):
    with fake.serve() as base_url:
        async with openai.AsyncOpenAI(api_key="wrong", base_url=base_url, max_retries=0) as client:
            with pytest.raises(openai.BadRequestError):
                await client.chat.completions.create(**ask())


def test_a_response_is_one_write_and_the_connection_stays(fake):
    """A raw socket sees the whole answer in its first read, twice."""
    body = json.dumps(ask()).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with fake.serve() as base_url:
        port = httpx2.URL(base_url).port
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            for _ in range(2):
                connection.sendall(head.encode() + body)
                answer = connection.recv(65536)
                assert answer.startswith(b"HTTP/1.1 200")
                assert json.loads(answer.partition(b"\r\n\r\n")[2])["usage"]


def test_a_kept_connection_does_not_wait_for_acknowledgements(fake):
    """A stream, because its events are several writes: there Nagle's algorithm would wait."""
    headers = {"Authorization": "Bearer test"}
    with fake.serve() as base_url, httpx2.Client(base_url=base_url, headers=headers) as client:
        times = []
        for _ in range(10):
            start = time.perf_counter()
            client.post(CHAT, json=ask(stream=True))
            times.append(time.perf_counter() - start)
    assert sorted(times)[5] < 0.03  # a stalled one takes 40 ms


async def test_a_client_that_leaves_is_not_answered(fake):
    fake.delay = 60
    with fake.serve() as base_url:
        async with httpx2.AsyncClient(base_url=base_url, timeout=0.2) as client:
            with pytest.raises(httpx2.ReadTimeout):
                await client.post(CHAT, json=ask())
    assert (len(fake.requests), fake.answered) == (1, 0)


async def test_a_delay_holds_the_answer_back(fake, client):
    fake.delay = 0.05
    start = time.perf_counter()
    assert (await client.post(CHAT, json=ask())).status_code == 200
    assert time.perf_counter() - start >= 0.05
    with fake.serve() as base_url:
        start = time.perf_counter()
        assert httpx2.get(f"{base_url}/nothing").status_code == 404
        assert time.perf_counter() - start >= 0.05
    assert fake.answered == 2


async def test_a_stream_comes_event_by_event(fake):
    fake.chunk_delay = 0.02
    headers = {"Authorization": "Bearer test"}
    with fake.serve() as base_url:
        async with (
            httpx2.AsyncClient(base_url=base_url, headers=headers) as client,
            client.stream("POST", CHAT, json=ask(stream=True)) as response,
        ):
            times = [time.perf_counter() async for _ in response.aiter_raw()]
    assert times[-1] - times[0] > 0.05  # five pauses


def test_it_can_be_served_from_the_command_line():
    command = [sys.executable, "-m", "tests.fake_xai", "--port", "0", "--key", "other"]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            base_url = process.stdout.readline().strip()
            response = httpx2.get(f"{base_url}/models", headers={"Authorization": "Bearer other"})
        finally:
            process.terminate()
    assert response.status_code == 200
