"""Where the server may be served, and which names and pages may call it."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings
from grok_vision.web.binding import Binding, bind
from grok_vision.web.hosts import HostCheck

TOKEN = "a-token-of-enough-characters"
PUBLIC = {"auth_token": TOKEN, "public_host": "vision.example.com"}


def binding(host: str = "127.0.0.1", **given: Any) -> Binding:
    """Return a binding at a free port, whose socket is closed again."""
    found = bind(Settings(**given), host, 0)
    found.socket.close()
    return found


async def answers(at: Binding, *headers: tuple[str, str], path: str = "/mcp") -> httpx2.Response:
    """Ask with these headers and no others."""
    app = Starlette(routes=[Route("/{_:path}", lambda _: PlainTextResponse("served"))])
    checked = HostCheck(app, at, open_paths=("/health",))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(checked)) as client:
        asked = client.build_request("GET", f"http://unused{path}")
        asked.headers = httpx2.Headers(list(headers))
        return await client.send(asked)


def message(answer: httpx2.Response) -> str:
    text: str = json.loads(answer.content)["error"]["message"]
    return text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
async def test_this_machine_is_called_by_its_own_names_with_the_port(name: str) -> None:
    at = binding()
    assert (await answers(at, ("host", f"{name}:{at.port}"))).text == "served"


@pytest.mark.parametrize(
    "name",
    [
        "evil.com",
        "evil.com:{port}",
        "localhost",
        "localhost:1",
        "localhost:{port}.evil.com",
        "localhost:evil.com",
        "localhost:{port}@evil.com",
        "localhost.:{port}",
        "127.0.0.1:{port}:80",
        "localhost:*",
        "",
    ],
)
async def test_other_names_are_refused(name: str) -> None:
    at = binding()
    answer = await answers(at, ("host", name.format(port=at.port)))
    assert answer.status_code == 421
    assert "GROK_VISION_PUBLIC_HOST" in message(answer)


async def test_a_request_without_a_name_or_with_two_is_refused() -> None:
    at = binding()
    own = ("host", f"localhost:{at.port}")
    assert (await answers(at)).status_code == 421
    assert (await answers(at, own, own)).status_code == 421
    assert (await answers(at, own, ("host", "evil.com"))).status_code == 421


async def test_a_name_that_a_proxy_is_told_of_counts_for_nothing() -> None:
    at = binding()
    forwarded = ("x-forwarded-host", f"localhost:{at.port}")
    assert (await answers(at, ("host", "evil.com"), forwarded)).status_code == 421


@pytest.mark.parametrize(
    "name",
    [
        "vision.example.com",
        "Vision.Example.COM",
        "vision.example.com:443",
        "vision.example.com:80",
        "vision.example.com:{port}",
        "other.example.com",
        "other.example.com:8443",
        "[2001:db8::1]",
        "localhost:{port}",
    ],
)
async def test_public_names_are_taken_with_and_without_a_port(name: str) -> None:
    names = "vision.example.com other.example.com:8443 [2001:db8::1]"
    at = binding(auth_token=TOKEN, public_host=names)
    answer = await answers(at, ("host", name.format(port=at.port)))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name", ["vision.example.com:1", "other.example.com:443", "www.vision.example.com"]
)
async def test_other_ports_and_parts_of_public_names_are_refused(name: str) -> None:
    at = binding(auth_token=TOKEN, public_host="vision.example.com other.example.com:8443")
    assert (await answers(at, ("host", name))).status_code == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:{port}",
        "http://127.0.0.1:{port}",
        "https://vision.example.com",
        "https://app.example.com",
        "HTTPS://App.example.com",
    ],
)
async def test_its_own_pages_and_those_that_are_allowed_may_call(origin: str) -> None:
    at = binding(**PUBLIC, allowed_origins="https://app.example.com")
    sent = ("origin", origin.format(port=at.port))
    assert (await answers(at, ("host", "vision.example.com"), sent)).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.com",
        "http://localhost:5173",
        "http://localhost",
        "https://localhost:{port}",
        "http://localhost:{port}@evil.com",
        "http://localhost:{port}.evil.com",
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "file://",
    ],
)
async def test_other_pages_may_not(origin: str) -> None:
    at = binding(**PUBLIC, allowed_origins="https://app.example.com")
    own = ("host", f"localhost:{at.port}")
    answer = await answers(at, own, ("origin", origin.format(port=at.port)))
    assert answer.status_code == 403
    assert "GROK_VISION_ALLOWED_ORIGINS" in message(answer)


async def test_a_page_that_sends_a_second_origin_may_not_either() -> None:
    at = binding()
    own = f"localhost:{at.port}"
    origins = [("origin", f"http://{own}"), ("origin", "https://evil.com")]
    assert (await answers(at, ("host", own), *origins)).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.com", "https://app.example.com"])
async def test_no_answer_allows_a_page_to_read_it(origin: str) -> None:
    at = binding(allowed_origins="https://app.example.com")
    told = await answers(at, ("host", f"localhost:{at.port}"), ("origin", origin))
    assert not [name for name in told.headers if name.startswith("access-control-")]


async def test_open_paths_know_no_names() -> None:
    at = binding()
    stranger = ("host", "10.0.0.7:8000")
    assert (await answers(at, stranger, path="/health")).status_code == 200
    assert (await answers(at, stranger, path="/health/")).status_code == 421


async def test_names_are_passed_on_in_small_letters() -> None:
    seen: list[str] = []

    async def look(asked: Request) -> PlainTextResponse:
        seen.append(asked.headers["host"])
        return PlainTextResponse()

    at = binding()
    app = HostCheck(Starlette(routes=[Route("/", look)]), at)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as client:
        await client.get("http://unused/", headers={"host": f"LOCALHOST:{at.port}"})
    assert seen == [f"localhost:{at.port}"]


def test_a_free_port_is_taken_where_none_is_named() -> None:
    at = binding()
    assert at.port > 0
    assert (at.host, at.address) == ("127.0.0.1", f"http://127.0.0.1:{at.port}")
    assert not at.public


def test_this_machine_alone_is_served_without_a_token() -> None:
    for host in ("localhost", "127.0.0.1", "127.1.2.3", *(["::1"] if socket.has_ipv6 else [])):
        at = binding(host)
        assert not at.public
        assert at.address.removeprefix("http://") in at.names


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({}, ("GROK_VISION_AUTH_TOKEN", "GROK_VISION_PUBLIC_HOST")),
        ({"auth_token": TOKEN}, ("GROK_VISION_PUBLIC_HOST",)),
        ({"oauth_issuer": "https://login.example.com"}, ("GROK_VISION_PUBLIC_HOST",)),
        ({"public_host": "vision.example.com"}, ("GROK_VISION_AUTH_TOKEN",)),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", ""])
def test_others_are_not_served_without_a_token_and_a_name(
    host: str, given: dict[str, str], lacking: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        bind(Settings(**given), host, 0)  # type: ignore[arg-type]
    assert refused.value.code == "bad_setting"
    assert "lets others than this machine reach the server" in refused.value.message
    for setting in lacking:
        assert setting in refused.value.message
    named = {"GROK_VISION_AUTH_TOKEN", "GROK_VISION_PUBLIC_HOST"} - set(lacking)
    assert not [setting for setting in named if setting in refused.value.message]


def test_a_public_name_needs_a_token_where_a_proxy_of_this_machine_is_in_front() -> None:
    with pytest.raises(ConfigurationError, match="GROK_VISION_AUTH_TOKEN"):
        bind(Settings(public_host="vision.example.com"), "127.0.0.1", 0)
    at = binding(**PUBLIC)
    assert at.public
    assert at.address == "https://vision.example.com"


def test_a_container_may_be_reached_from_its_machine_alone() -> None:
    at = binding("0.0.0.0", auth_token=TOKEN, public_host="localhost:8000")
    assert at.address == "http://localhost:8000"


@pytest.mark.parametrize("given", [{"auth_token": TOKEN}, {"oauth_issuer": "https://a.example"}])
def test_others_are_served_with_a_token_and_a_name(given: dict[str, str]) -> None:
    at = binding("0.0.0.0", public_host="vision.example.com", **given)
    assert at.public
    assert f"0.0.0.0:{at.port}" not in at.names


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_told(taken: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        bind(Settings(), "127.0.0.1", taken)
    assert refused.value.message == (
        f"Port {taken} of 127.0.0.1 is in use by another program; choose another with --port."
    )


@pytest.mark.parametrize("host", ["no such name", "vision.invalid", "a" * 300])
def test_an_unknown_name_is_told(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConfigurationError, match="no address or name that is known here"):
        bind(Settings(**PUBLIC), host, 0)  # type: ignore[arg-type]


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ConfigurationError, match="none of this machine"):
        bind(Settings(**PUBLIC), "192.0.2.1", 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_page_shows_without_a_word_of_its_origin_is_refused(site: str) -> None:
    at = binding(allowed_origins="https://app.example.com")
    host, of_page = ("host", f"localhost:{at.port}"), ("sec-fetch-site", site)
    assert (await answers(at, host, of_page)).status_code == 403
    assert (await answers(at, host, ("sec-fetch-site", "none"))).text == "served"
    allowed = ("origin", "https://app.example.com")
    assert (await answers(at, host, of_page, allowed)).text == "served"
