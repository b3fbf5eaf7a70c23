"""GROK_VISION_URL_MODE=pass: what is handed to the provider as a URL, and what is fetched here."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult

from grok_vision.errors import SourceError
from grok_vision.images.network import parse_target
from grok_vision.images.remote import Fetcher
from grok_vision.providers import endpoint
from grok_vision.settings import Settings
from tests.fake_xai import FakeXAI, Link
from tests.loopback import Network, answer, serving
from tests.support import connected, describe, encoded, error_text, quadrants, structured

pytestmark = pytest.mark.anyio

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "ssrf_vectors.json").read_text(encoding="utf-8")
)
REFUSALS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "url_refusals.json").read_text(encoding="utf-8")
)
PICTURE = encoded(quadrants(), "PNG")
PUBLIC = "93.184.215.14"
SECRET = "s3cr3t"
KEY = "xai-distinctive-key-4567890123"

NAMES = {
    "www.example": [[PUBLIC]],
    "xn--bcher-kva.example": [[PUBLIC, "2606:2800::1"]],
    "inside.example": [["10.0.0.5"]],
    "mixed.example": [[PUBLIC, "127.0.0.1"]],
}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """A false internet without a single host that answers."""
    network = Network(NAMES, 0)
    network.install(monkeypatch)
    return network


async def passed(xai: FakeXAI, folder: Path, url: str, **given: Any) -> Any:
    return await describe(xai, folder, url, setting_url_mode="pass", **given)


async def test_the_provider_gets_a_public_url_and_the_result_says_what_is_not_known(
    xai: FakeXAI, folder: Path, network: Network
) -> None:
    url = f"https://www.example/a/shot.png?sig={SECRET}"
    result = structured(await passed(xai, folder, url, detail="high"))
    assert xai.requests[0].links == (Link(url, "high"),)
    assert xai.requests[0].images == ()
    assert network.dialled == []
    (image,) = result["images"]
    assert set(image) == {"source", "changes"}
    assert image["changes"] == []
    assert result["warnings"] == [
        "https://www.example/a/shot.png was fetched by the provider (GROK_VISION_URL_MODE=pass): "
        "it was not looked at here, and its size and format are not known."
    ]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("http://www.example", "http://www.example/"),
        ("HTTPS://WWW.example.:443/A", "https://www.example/A"),
        ("https://B\u00fccher.example/\u753b.png", "https://xn--bcher-kva.example/%E7%94%BB.png"),
        (
            "https://www.example/a.jpg?b=c%2Fd&e=\u00fc",
            "https://www.example/a.jpg?b=c%2Fd&e=%C3%BC",
        ),
        ("https://www.example/a.png#top", "https://www.example/a.png"),
        ("https://www.example/webp", "https://www.example/webp"),
        ("https://www.example/a.png?as=.webp", "https://www.example/a.png?as=.webp"),
        (f"https://{PUBLIC}/a.png", f"https://{PUBLIC}/a.png"),
        ("http://[2606:2800::1]/a", "http://[2606:2800::1]/a"),
    ],
)
async def test_a_url_goes_on_the_wire_as_a_fetch_would_request_it(
    xai: FakeXAI, folder: Path, network: Network, written: str, sent: str
) -> None:
    structured(await passed(xai, folder, written))
    assert [link.url for link in xai.requests[0].links] == [sent]
    assert network.dialled == []


async def logged(folder: Path, url: str, **environment: str) -> tuple[CallToolResult, str]:
    """Ask a server in a process of its own; return the result and all that it logs at DEBUG."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "grok_vision"],
        env={**os.environ, "GROK_VISION_LOG_LEVEL": "DEBUG", "XAI_API_KEY": KEY} | environment,
    )
    log = folder / "stderr.txt"
    with log.open("w") as stderr:
        async with Client(stdio_client(server, errlog=stderr)) as client:
            result = await client.call_tool("describe_image", {"image": url})
    return result, log.read_text()


@pytest.mark.parametrize("mode", ["inline", "pass"])
@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden"])
async def test_the_query_of_a_url_that_is_fetched_here_is_in_no_log_and_no_error(
    folder: Path, mode: str, status: str
) -> None:
    with FakeXAI(key=KEY).serve() as address:
        async with serving(lambda _: answer(PICTURE, status)) as host:
            result, log = await logged(
                folder,
                f"http://127.0.0.1:{host.port}/shot.png?sig={SECRET}",
                GROK_VISION_URL_MODE=mode,
                GROK_VISION_ALLOW_HOSTS=f"127.0.0.1:{host.port}",
                GROK_VISION_BASE_URL=address,
            )
    assert SECRET in host.heads[0]
    assert " DEBUG " in log
    assert SECRET not in log
    if status == "200 OK":
        assert structured(result)["warnings"] == []
    else:
        assert SECRET not in error_text(result)


async def test_the_query_of_a_url_that_is_handed_on_is_in_no_log_and_no_error(
    folder: Path,
) -> None:
    async with serving(lambda _: answer(b"", "502 Bad Gateway")) as proxy:
        result, log = await logged(
            folder,
            f"https://{PUBLIC}/shot.png?sig={SECRET}",
            GROK_VISION_URL_MODE="pass",
            HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}",
        )
    assert [head.split()[:2] for head in proxy.heads] == [["CONNECT", "api.x.ai:443"]]
    assert SECRET not in error_text(result)
    assert " DEBUG " in log
    assert SECRET not in log


@pytest.mark.parametrize("row", REFUSALS, ids=[row["id"] for row in REFUSALS])
async def test_a_provider_that_cannot_fetch_a_url_is_told_apart_by_more_than_the_words_of_the_url(
    xai: FakeXAI, folder: Path, row: dict[str, Any]
) -> None:
    url = f"https://{PUBLIC}/safety/model%20not%20found.png?api_key={SECRET}&flagged=moderation"
    xai.fail(row["status"], json.loads(json.dumps(row["body"]).replace("{url}", url)))
    told = error_text(await passed(xai, folder, url, setting_retries=0))
    assert told.startswith(f"[{row['code']}] ")
    assert SECRET not in told
    assert told.endswith(
        "could not fetch or read the picture's URL; set GROK_VISION_URL_MODE=inline, or "
        "download it and pass its path."
    ) == row.get("fetch", False)


async def test_the_reason_is_read_although_a_long_url_is_quoted_before_it(
    xai: FakeXAI, folder: Path
) -> None:
    url = f"https://{PUBLIC}/a.png?api_key={SECRET * 1000}"
    xai.fail(400, {"code": "invalid-argument", "error": f"{url} : fetching image failed"})
    assert "could not fetch or read" in error_text(await passed(xai, folder, url))


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/a.png",
        "http://mixed.example/a.png",
        "http://169.254.169.254/latest",
        "http://localhost:3000/a.png",
        "https://www.example:8443/a.png",
        "http://[64:ff9b::a00:1]/a.png",
        "https://user:pw@www.example/a.png",
        "https://nowhere.example/a.png",
    ],
)
async def test_a_url_that_is_not_fetched_is_not_handed_on_either(
    xai: FakeXAI, folder: Path, network: Network, url: str
) -> None:
    told = error_text(await passed(xai, folder, url))
    assert told == error_text(await describe(xai, folder, url))
    assert xai.requests == []
    assert network.dialled == []


@pytest.mark.parametrize(
    "path",
    ["a.webp", "a.WebP?w=10", "a%2Egif", "a.svg", "a.avif", "a.bmp", "a.tiff", "a.heic", "a.pdf/"],
)
async def test_what_a_provider_cannot_read_is_fetched_and_converted_here(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async with serving(lambda _: answer(PICTURE)) as host:
        network = Network(NAMES, host.port)
        network.install(monkeypatch)
        result = structured(await passed(xai, folder, f"http://www.example/{path}"))
    assert network.dialled == [PUBLIC]
    assert xai.requests[0].links == ()
    assert result["images"][0]["sent_format"] == "PNG"
    assert result["warnings"] == []


@pytest.mark.parametrize("rule", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/8"])
async def test_a_host_that_only_a_rule_opens_is_fetched_here(
    xai: FakeXAI, folder: Path, rule: str
) -> None:
    async with serving(lambda _: answer(PICTURE)) as host:
        result = await passed(
            xai,
            folder,
            f"http://127.0.0.1:{host.port}/shot.png",
            setting_allow_hosts=(rule.format(port=host.port),),
        )
    assert structured(result)["images"][0]["sent_bytes"] == len(xai.requests[0].images[0].data)
    assert xai.requests[0].links == ()


@pytest.mark.parametrize(
    "given",
    [
        {"provider": "ollama", "model": "grok-4.3", "api_key": "test"},
        {"base_url": "https://relay.example/v1"},
    ],
)
async def test_where_the_provider_may_not_fetch_it_is_fetched_here(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    async with serving(lambda _: answer(PICTURE)) as host:
        network = Network(NAMES, host.port)
        network.install(monkeypatch)
        async with connected(xai, folder, url_mode="pass", **given) as client:
            call = {"image": "http://www.example/a.png"}
            result = structured(await client.call_tool("describe_image", call))
    assert network.dialled == [PUBLIC]
    assert result["images"][0]["sent_format"] == "PNG"
    assert xai.requests[0].links == ()


@pytest.mark.parametrize(
    ("name", "fetches"),
    [
        ("xai", True),
        ("openai", True),
        ("groq", True),
        ("together", True),
        ("openrouter", True),
        ("ollama", False),
        ("lmstudio", False),
        ("llamacpp", False),
        ("vllm", False),
        ("custom", False),
        ("local", False),
    ],
)
def test_only_providers_outside_the_callers_network_are_handed_urls(
    name: Any, fetches: bool
) -> None:
    base_url = "https://host.example/v1" if name == "custom" else None
    target = endpoint(Settings(provider=name, api_key="k", base_url=base_url))
    assert target.choose("m").fetches_urls is fetches


async def test_what_a_fetch_may_never_reach_is_never_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for row in ROWS:
        network = Network(row.get("dns", {}), 0)
        network.install(monkeypatch)
        try:
            handed_on = await Fetcher(max_bytes=1).check(row["url"])
        except SourceError:
            assert row["expect"] != "allow", row
        else:
            assert handed_on is None or row["expect"] not in {
                "block",
                "block-port",
                "block-userinfo",
            }
        assert network.dialled == []
        monkeypatch.undo()


@given(st.text(max_size=60))
def test_any_url_that_is_parsed_can_be_handed_on_in_ascii(tail: str) -> None:
    try:
        target = parse_target(f"https://www.example/{tail}")
    except SourceError:
        return
    assert str(httpx2.URL(target.url)).isascii()


async def test_a_lookup_that_takes_too_long_meets_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: Any, **__: Any) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(anyio, "getaddrinfo", never)
    with pytest.raises(SourceError, match=r"within 0\.05 s"):
        await Fetcher(max_bytes=1, deadline=0.05).check("https://www.example/")
