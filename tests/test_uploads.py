"""`POST /images` over HTTP: what is taken, for whom it is kept, and what it may cost the server."""

import json
import logging
import math
import re
import shlex
import shutil
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from grok_vision.images import Images, Policy
from grok_vision.settings import Settings
from grok_vision.shared import UnavailableError
from grok_vision.shelves import MemoryShelf, Shelf
from grok_vision.uploads import Uploads
from grok_vision.vision import Vision
from grok_vision.web.app import Kind, build_app
from grok_vision.web.binding import bind
from grok_vision.web.uploads import Uploading
from tests import web
from tests.fake_xai import FakeXAI
from tests.guarded import bearing, behind, calling, known_by
from tests.peers import HELLO, LEGACY, TAKEN, asked, sent
from tests.support import encoded, noise, quadrants, settings_for

ANN, BOB = "token-of-ann-0123456789", "token-of-bob-0123456789"
PICTURE = encoded(quadrants(), "PNG")
SOURCE = f"image://{sha256(PICTURE).hexdigest()}"
POLICY = Policy(roots=(), max_bytes=2**20, max_pixels=1_000_000, fetch_deadline=5.0)
MIB = 1024 * 1024
# Ready at once: the certificates of the world take 20 ms to read.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@asynccontextmanager
async def built(
    folder: Path, xai: FakeXAI | None = None, kind: Kind = "http", **given: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client of the whole server, which knows two tokens."""
    tokens = (SecretStr(ANN), SecretStr(BOB))
    settings = settings_for(folder, **{"auth_token": tokens, **given})
    binding = bind(settings, "127.0.0.1", 0)
    app = build_app(settings, binding, kind, transport=xai.transport() if xai else None)
    async with (
        web.serving(app, settings, binding=binding) as served,
        httpx2.AsyncClient(
            base_url=f"http://{served.host}", trust_env=False, verify=NO_TLS
        ) as client,
    ):
        yield client


async def uploaded(
    client: httpx2.AsyncClient, data: bytes = PICTURE, token: str = ANN, **options: Any
) -> httpx2.Response:
    headers = {**bearing(token), **options.pop("headers", {})}
    return await client.post("/images", content=data, headers=headers, **options)


async def called(
    client: httpx2.AsyncClient, tool: str, token: str = ANN, **arguments: Any
) -> dict[str, Any]:
    """Return the result of a tool, called in the older protocol."""
    body = asked("tools/call", {"name": tool, "arguments": arguments})
    headers = {**TAKEN, **LEGACY, **bearing(token)}
    answer = await client.post("/mcp", json=body, headers=headers)
    (line,) = [one for one in answer.text.splitlines() if one.startswith("data: {")]
    return dict(json.loads(line.removeprefix("data: "))["result"])


def text(result: dict[str, Any]) -> str:
    return str(result["content"][0]["text"])


def refused(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and code of a refusal, after checking its form."""
    told = answer.json()
    assert set(told) == {"error"}
    assert set(told["error"]) == {"code", "message"}
    return answer.status_code, told["error"]["code"]


async def test_an_upload_is_answered_with_its_source_and_what_it_is(folder: Path) -> None:
    async with built(folder, upload_hours=2) as client:
        before = datetime.now(UTC)
        answer = await uploaded(client)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    until = datetime.fromisoformat(told.pop("expires"))
    assert timedelta(seconds=-1) <= until - before - timedelta(hours=2) < timedelta(minutes=1)
    assert told == {
        "source": SOURCE,
        "format": "PNG",
        "width": 64,
        "height": 48,
        "bytes": len(PICTURE),
    }


async def test_every_tool_takes_an_upload_and_of_its_owner_only(folder: Path, xai: FakeXAI) -> None:
    xai.answer = "{}"
    tools: dict[str, dict[str, Any]] = {
        "describe_image": {"image": SOURCE},
        "extract_json": {"images": [SOURCE]},
        "estimate_tokens": {"images": [SOURCE]},
        "compare_images": {"images": [SOURCE, f"{SOURCE}#xywh=0,0,64,48"]},
    }
    async with built(folder, xai) as client:
        await uploaded(client)
        for tool, arguments in tools.items():
            result = await called(client, tool, **arguments)
            assert not result.get("isError"), text(result)
            result = await called(client, tool, BOB, **arguments)
            assert result["isError"]
            assert "no such upload of yours is kept" in text(result)


async def test_nobody_learns_whether_another_has_sent_a_picture(folder: Path) -> None:
    never = f"image://{'0' * 64}"
    async with built(folder) as client:
        first = await uploaded(client)
        unknown = text(await called(client, "estimate_tokens", BOB, images=[never]))
        of_ann = text(await called(client, "estimate_tokens", BOB, images=[SOURCE]))
        again = await uploaded(client, token=BOB)
    assert of_ann == unknown.replace(never, SOURCE)
    same = first.json() | {"expires": ""}
    assert (again.status_code, again.json() | {"expires": ""}) == (first.status_code, same)


async def test_an_upload_is_found_in_the_protocol_of_2026_too(folder: Path, xai: FakeXAI) -> None:
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with built(folder, xai) as client:
        await uploaded(client)
        client.headers.update(bearing(ANN))
        transport = streamable_http_client(f"{client.base_url}/mcp", http_client=client)
        async with Client(transport) as session:
            result = await session.call_tool("describe_image", {"image": SOURCE})
    assert not result.is_error, result.content


async def test_over_sse_an_upload_is_found_by_who_sends_the_message(folder: Path) -> None:
    async with built(folder, kind="sse") as client:
        await uploaded(client)
        host = f"{client.base_url.host}:{client.base_url.port}"
        for token, told in ((ANN, f'"source":"{SOURCE}"'), (BOB, "no such upload of yours")):
            stream = await sent(host, headers=bearing(token), path="/sse", method="GET")
            with anyio.fail_after(web.PATIENCE):
                await stream.reader.readuntil(b"data: ")
                path = (await stream.reader.readline()).decode().strip()
                body = asked(
                    "tools/call", {"name": "estimate_tokens", "arguments": {"images": [SOURCE]}}
                )
                for message in (HELLO, asked("notifications/initialized", {}, None), body):
                    answer = await sent(host, message, bearing(token), path=path)
                    assert " 202 " in await answer.rest()
                await stream.reader.readuntil(b'"id":1')
                line = (await stream.reader.readline()).decode()
            assert told in line.replace('": ', '":').replace('\\"', '"')
            await stream.leave()


async def test_without_tokens_all_who_may_call_share_what_is_uploaded(folder: Path) -> None:
    async with built(folder, auth_token=()) as client:
        assert (await uploaded(client)).status_code == 201
        result = await called(client, "estimate_tokens", images=[SOURCE])
    assert not result.get("isError")


async def test_the_oldest_uploads_of_a_token_make_room_for_its_newest(folder: Path) -> None:
    second = encoded(noise(20, 20), "PNG")
    async with built(folder, upload_bytes=len(second) + 600) as client:
        for data, token in ((PICTURE, BOB), (PICTURE, ANN), (second, ANN)):
            assert (await uploaded(client, data, token)).status_code == 201
        kept = await called(client, "estimate_tokens", BOB, images=[SOURCE])
        gone = await called(client, "estimate_tokens", images=[SOURCE])
    assert not kept["isError"]
    assert "upload it again" in text(gone)


FORM = {"Content-Type": "Multipart/Form-Data; boundary=x"}
PACKED = {"Content-Encoding": "gzip"}


async def test_what_is_no_picture_is_refused_with_a_code_and_kept_nowhere(folder: Path) -> None:
    sent = {
        b"": (415, "not_an_image"),
        b"<html><body>hello": (415, "not_an_image"),
        b"8BPS0000": (415, "unsupported_format"),
        encoded(noise(64, 48), "PNG")[:5000]: (422, "damaged_image"),
        encoded(Image.new("1", (10_001, 10_000)), "PNG"): (422, "too_many_pixels"),
        b"data:image/png;base64,iVBORw0KGgo=": (400, "bad_source"),
        b"iVBORw0KGgo" + b"A" * 100: (400, "bad_source"),
    }
    async with built(folder) as client:
        assert {data: refused(await uploaded(client, data)) for data in sent} == sent
        for headers in (FORM, PACKED):
            assert refused(await uploaded(client, headers=headers)) == (415, "bad_source")
        for data in (*sent, PICTURE):
            source = f"image://{sha256(data).hexdigest()}"
            result = await called(client, "estimate_tokens", images=[source])
            assert "no such upload of yours is kept" in text(result)


async def test_what_a_picture_is_its_bytes_tell_and_not_its_type(folder: Path) -> None:
    async with built(folder) as client:
        for kind in ("application/x-www-form-urlencoded", "image/jpeg", "x"):
            answer = await uploaded(client, headers={"Content-Type": kind})
            assert answer.json()["format"] == "PNG"


async def test_a_form_and_another_method_are_told_the_command_that_works(folder: Path) -> None:
    async with built(folder, public_host="vision.example.com") as client:
        form = await client.post("/images", files={"a": PICTURE}, headers=bearing(ANN))
        put = await client.put("/images", content=PICTURE, headers=bearing(ANN))
        got = await client.get("/images", headers=bearing(ANN))
    command = (
        'curl -H "Authorization: Bearer TOKEN" --data-binary @picture.png '
        "https://vision.example.com/images"
    )
    assert refused(form) == (415, "bad_source")
    for answer in (put, got):
        assert refused(answer) == (405, "bad_argument")
        assert answer.headers["allow"] == "POST"
    assert all(command in one.json()["error"]["message"] for one in (form, put, got))


async def test_the_command_names_no_token_where_none_is_needed(folder: Path) -> None:
    async with built(folder, auth_token=()) as client:
        told = (await client.put("/images")).json()["error"]["message"]
    assert f"curl --data-binary @picture.png {client.base_url}/images" in told


async def test_without_its_token_nothing_of_an_upload_is_read(folder: Path) -> None:
    async with built(folder) as client:
        assert (await client.post("/images", content=PICTURE)).status_code == 401
        assert (await uploaded(client, headers={"Host": "evil.example"})).status_code == 421
        assert (await uploaded(client, headers={"Origin": "http://evil.ex"})).status_code == 403
        result = await called(client, "estimate_tokens", images=[SOURCE])
    assert result["isError"]


async def test_uploads_count_for_the_rate_limit(folder: Path) -> None:
    async with built(folder, rate_limit=2) as client:
        told = [(await uploaded(client)).status_code for _ in range(3)]
        assert told == [201, 201, 429]
        assert (await uploaded(client, token=BOB)).status_code == 201


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"max_image_bytes": 1000}, "GROK_VISION_MAX_IMAGE_BYTES"),
        ({"upload_bytes": 1000}, "GROK_VISION_UPLOAD_BYTES"),
    ],
    ids=["image", "kept"],
)
async def test_what_is_too_large_is_refused_and_the_limit_named(
    folder: Path, settings: dict[str, int], variable: str
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield bytes(201)

    async with built(folder, **settings) as client:
        declared = await uploaded(client, bytes(1001))
        streamed = await client.post("/images", content=parts(), headers=bearing(ANN))
        assert refused(declared) == refused(streamed) == (413, "too_large")
        assert variable in declared.json()["error"]["message"]
        small = encoded(Image.new("1", (9, 9)), "PNG")
        assert (await uploaded(client, small)).status_code == 201


async def test_the_bound_of_other_requests_is_none_of_an_upload(folder: Path) -> None:
    async with built(folder, max_body_bytes=1024) as client:
        assert (await uploaded(client, encoded(noise(40, 40), "PNG"))).status_code == 201


async def test_a_server_that_takes_no_uploads_says_so(folder: Path) -> None:
    async with built(folder, upload_bytes=0) as client:
        assert refused(await uploaded(client)) == (403, "not_allowed")
        result = await called(client, "estimate_tokens", images=[SOURCE])
    assert "[not_allowed]" in text(result)
    assert "takes no uploads" in text(result)


async def test_nothing_of_a_picture_is_logged_or_told(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    note = PngInfo()
    note.add_text("Comment", "words-in-the-picture")
    data = encoded(noise(64, 48), "PNG", pnginfo=note)
    async with built(folder) as client:
        answers = [
            await uploaded(client, data),
            await uploaded(client, data[:3000]),
            await uploaded(client, b"data:image/png;base64,words-in-the-picture"),
            await uploaded(client, b"words-in-the-picture"),
        ]
    assert [one.status_code for one in answers] == [201, 422, 400, 415]
    assert "/images 201" in caplog.text
    assert "words-in-the-picture" not in caplog.text + "".join(one.text for one in answers)
    assert ANN not in caplog.text


# What follows is served without the rest of the server.


@dataclass
class Held:
    """The application by itself, whose pictures and shelf are given."""

    uploading: Uploading

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.uploading)])

    @property
    def size(self) -> int:
        return self.uploading._room.held

    async def until(self, told: Callable[[], bool]) -> None:
        with anyio.fail_after(web.PATIENCE):
            while not told():  # noqa: ASYNC110 - the server runs in this very loop
                await anyio.sleep(0.002)


class Pictures(Images):
    """Pictures whose check does something else."""

    def __init__(self, check: Callable[[bytes], Awaitable[Any]]) -> None:
        super().__init__(POLICY)
        self.check = check  # type: ignore[method-assign] # on purpose


def uploading(
    images: Images | None = None,
    shelf: Shelf | None = None,
    *,
    deadline: float = 50.0,
    auth_token: tuple[SecretStr, ...] = (),
    **given: Any,
) -> Held:
    kept = shelf or MemoryShelf(per_owner=MIB, in_all=MIB, seconds=math.inf)

    @dataclass
    class Opened:
        images: Images
        uploads: Uploads

    @asynccontextmanager
    async def opened() -> AsyncIterator[Opened]:
        yield Opened(images or Images(POLICY), Uploads(kept, hours=24))

    return Held(
        Uploading(
            Settings(deadline=deadline, auth_token=auth_token, max_image_bytes=MIB),
            cast("Callable[[], AbstractAsyncContextManager[Vision]]", opened),
            "http://host",
            **given,
        )
    )


async def test_a_length_over_the_limit_is_refused_before_the_body_is_awaited() -> None:
    async with web.serving(uploading().app) as served:
        peer = await served.peer(web.request(served, None, f"Content-Length: {MIB + 1}"))
        assert web.status(await peer.answer()) == 413


async def test_a_body_that_comes_too_slowly_is_ended_and_its_room_free() -> None:
    held = uploading(window=0.1)
    async with web.serving(held.app) as served:
        peer = await served.peer(web.request(served, None, "Content-Length: 100000"))
        answer = await peer.drip(b"x")
        assert web.status(answer) == 408
        assert b'"code":"timeout"' in answer
        assert held.size == 0


async def test_a_client_that_leaves_in_the_middle_frees_its_room() -> None:
    held = uploading()
    async with web.serving(held.app) as served:
        head = web.request(served, None, "Content-Length: 1000000")
        peer = await served.peer(head + b"x" * 200_000)
        await held.until(lambda: held.size == 200_000)
        peer.writer.close()
        await held.until(lambda: held.size == 0)


async def test_a_client_that_leaves_while_its_picture_is_checked_ends_that() -> None:
    begun, ended = anyio.Event(), anyio.Event()

    async def check(_: bytes) -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    held = uploading(Pictures(check))
    async with web.serving(held.app) as served:
        peer = await served.peer(web.request(served, PICTURE))
        with anyio.fail_after(web.PATIENCE):
            await begun.wait()
            assert held.size == len(PICTURE)
            peer.writer.close()
            await ended.wait()
        await held.until(lambda: held.size == 0)


async def test_uploads_on_their_way_have_so_much_room_together_and_then_there_is_more() -> None:
    held = uploading(max_held=MIB)
    async with web.serving(held.app) as served:
        head = web.request(served, None, f"Content-Length: {MIB}")
        first = await served.peer(head + bytes(MIB - 1))
        await held.until(lambda: held.size == MIB - 1)
        async with calling(held.app) as client:
            full = await client.post("/", content=PICTURE)
            assert refused(full) == (503, "unavailable")
            assert full.headers["retry-after"] == "5"
            first.writer.write(b"x")
            assert web.status(await first.answer()) == 415
            assert (await client.post("/", content=PICTURE)).status_code == 201
        assert held.size == 0


async def test_the_uploads_of_one_token_leave_room_for_those_of_others() -> None:
    tokens = (SecretStr(ANN), SecretStr(BOB))
    held = uploading(max_held=2 * MIB, auth_token=tokens)
    async with web.serving(behind(known_by(auth_token=tokens), held.uploading)) as served:
        head = web.request(served, None, f"Content-Length: {MIB}", f"Authorization: Bearer {ANN}")
        first = await served.peer(head + bytes(MIB - 1))
        await held.until(lambda: held.size == MIB - 1)
        for token, status in ((ANN, 503), (BOB, 201)):
            peer = await served.peer(web.request(served, PICTURE, f"Authorization: Bearer {token}"))
            assert web.status(await peer.answer()) == status
        first.writer.write(b"x")
        assert web.status(await first.answer()) == 415
        again = await served.peer(web.request(served, PICTURE, f"Authorization: Bearer {ANN}"))
        assert web.status(await again.answer()) == 201


async def test_much_memory_is_given_back_once_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed: list[bool] = []
    monkeypatch.setattr("grok_vision.web.arriving.trim_heaps", lambda: trimmed.append(True))
    monkeypatch.setattr("grok_vision.web.arriving._MUCH", 1000)
    async with calling(uploading().app) as client:
        for size in (999, 1001, 999):
            await client.post("/", content=bytes(size))
    assert trimmed == [True]


async def test_where_no_decoder_is_free_in_time_the_client_is_to_come_again() -> None:
    async def check(_: bytes) -> None:
        await anyio.sleep_forever()

    async with calling(uploading(Pictures(check), deadline=0.1).app) as client:
        answer = await client.post("/", content=PICTURE)
    assert refused(answer) == (503, "timeout")
    assert answer.headers["retry-after"] == "5"


async def test_where_the_shelf_is_away_the_client_is_to_come_again() -> None:
    class Away(MemoryShelf):
        async def put(self, owner: str, name: str, data: bytes) -> bool:
            raise UnavailableError("Redis cannot be reached")

    away = Away(per_owner=1, in_all=1, seconds=1)
    async with calling(uploading(shelf=away).app) as client:
        answer = await client.post("/", content=PICTURE)
    assert refused(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    told = answer.json()["error"]["message"]
    assert told.startswith("uploads cannot be reached (Redis cannot be reached); try again")


def block(language: str) -> str:
    """Return the block of the README that uploads a picture."""
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return next(one for one in found if "/images" in one)


async def ran(folder: Path, client: httpx2.AsyncClient, *command: str) -> str:
    """Run a command of the README against this server, with a token that it knows."""
    (folder / "shot.png").write_bytes(PICTURE)
    address = str(client.base_url).rstrip("/")
    filled = [
        word.replace("https://vision.example.com", address).replace("TOKEN", ANN)
        for word in command
    ]
    return (await anyio.run_process(filled, cwd=folder)).stdout.decode()


async def test_the_lines_of_python_in_the_readme_upload_a_picture(folder: Path) -> None:
    async with built(folder) as client:
        assert await ran(folder, client, sys.executable, "-c", block("python")) == f"{SOURCE}\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_line_of_curl_in_the_readme_uploads_a_picture(folder: Path) -> None:
    command, answer = block("console").strip().splitlines()
    async with built(folder) as client:
        told = json.loads(await ran(folder, client, *shlex.split(command.removeprefix("$ "))))
    assert told["source"] == SOURCE
    assert list(told) == list(json.loads(answer))
