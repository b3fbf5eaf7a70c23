"""The bounded fetch: every vector of attack against real sockets, then servers of every mood."""

import asyncio
import json
import logging
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from grok_vision.errors import SourceError
from grok_vision.images import fetch_failures, remote
from grok_vision.images.network import HostRule
from grok_vision.images.remote import Fetched, Fetcher
from tests.loopback import PIXELS, Network, Server, answer, redirect, serving

pytestmark = pytest.mark.anyio

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "ssrf_vectors.json").read_text(encoding="utf-8")
)
# The only hosts of the vectors that are public: a connection to anything else is a breach.
PUBLIC = {"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"}
SECRET = "s3cr3t"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def fetch_from(server: Server, path: str = "/i.png", **options: Any) -> Fetched:
    fetcher = Fetcher(
        rules=[HostRule.parse(f"127.0.0.1:{server.port}")], **{"max_bytes": 1000, **options}
    )
    try:
        return await fetcher.fetch(f"http://127.0.0.1:{server.port}{path}")
    finally:
        await fetcher.aclose()


async def failure_from(server: Server, path: str = "/i.png", **options: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await fetch_from(server, path, **options)
    assert SECRET not in raised.value.message
    return raised.value


async def outcome_of(fetcher: Fetcher, url: str) -> bytes | SourceError:
    try:
        return (await fetcher.fetch(url)).data
    except SourceError as error:
        return error
    finally:
        await fetcher.aclose()


async def play(row: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str]]:
    """Fetches a row's URL in its world; returns the outcome and the addresses dialled."""

    def respond(path: str) -> bytes:
        if "location" in row and path == "/r":
            return redirect(row["location"], row["status"])
        return answer()

    async with serving(respond) as server:
        network = Network(row.get("dns", {}), server.port)
        network.install(monkeypatch)
        fetcher = Fetcher(max_bytes=1000, deadline=5)
        outcome = await outcome_of(fetcher, row["url"])
        monkeypatch.undo()
    return outcome, network.dialled


def rows(*expectations: str) -> Any:
    chosen = [row for row in ROWS if row["expect"] in expectations]
    return pytest.mark.parametrize("row", chosen, ids=[row["id"] for row in chosen])


def test_the_vectors_are_all_played() -> None:
    played = {"block", "block-port", "block-userinfo", "never-forbidden", "redirect"}
    assert {row["expect"] for row in ROWS} == played | {"rebind", "allow"}
    assert sum(Counter(row["cat"] for row in ROWS).values()) == 292


@rows("block", "block-port", "block-userinfo")
async def test_a_forbidden_url_is_refused_without_any_connection(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, dialled = await play(row, monkeypatch)
    assert dialled == []
    assert isinstance(outcome, SourceError)
    assert outcome.code in {"bad_source", "blocked_address"}


@rows("never-forbidden", "redirect")
async def test_a_confusing_url_or_redirect_never_reaches_a_forbidden_address(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, dialled = await play(row, monkeypatch)
    assert set(dialled) <= PUBLIC
    if row["expect"] == "redirect":
        assert isinstance(outcome, SourceError)
        assert dialled == ["93.184.215.14"]


@rows("rebind")
async def test_a_name_that_changes_its_answer_is_dialled_at_the_checked_address_only(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await play(row, monkeypatch) == (PIXELS, ["93.184.215.14"])


@rows("allow")
async def test_a_public_url_is_fetched_from_its_address(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, dialled = await play(row, monkeypatch)
    assert dialled == [row["addr"]]
    if row["url"].startswith("http://"):
        assert outcome == PIXELS


async def test_a_fetch_returns_the_bytes_the_declared_type_and_the_final_url() -> None:
    html = answer(b"<html>", headers="Content-Type: Text/HTML; charset=utf-8\r\n")
    async with serving(lambda _: html) as server:
        fetched = await fetch_from(server, "/p?q=1#fragment")
    assert fetched == Fetched(b"<html>", "text/html", f"http://127.0.0.1:{server.port}/p?q=1")
    assert "q=1" not in repr(fetched)


async def test_the_request_says_who_asks_and_wants_an_uncompressed_picture() -> None:
    async with serving(lambda _: answer()) as server:
        await fetch_from(server, "/a b.png".replace(" ", "%20"))
    head = server.heads[0].lower()
    assert head.startswith("get /a%20b.png http/1.1\r\n")
    assert "\r\nuser-agent: grok-vision-mcp/" in head
    assert "\r\naccept-encoding: identity\r\n" in head
    assert "\r\naccept: image/" in head
    assert "cookie" not in head


async def test_the_host_header_is_the_name_although_an_address_is_dialled() -> None:
    async with Server(lambda _: answer()).listening("localhost") as server:
        fetcher = Fetcher(rules=[HostRule.parse(f"localhost:{server.port}")], max_bytes=1000)
        assert (await fetcher.fetch(f"http://LOCALHOST:{server.port}/")).data == PIXELS
        await fetcher.aclose()
    assert f"host: localhost:{server.port}\r\n" in server.heads[0].lower()


async def test_a_relative_redirect_is_followed() -> None:
    pages = {"/deep/r": redirect("../i.png?x=1"), "/i.png?x=1": answer()}
    async with serving(pages.__getitem__) as server:
        fetched = await fetch_from(server, "/deep/r")
    assert fetched.data == PIXELS
    assert fetched.url.endswith("/i.png?x=1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_five_redirects_are_followed_and_no_cookie_with_them(status: int) -> None:
    def respond(path: str) -> bytes:
        step = int(path[1:])
        headers = f"Location: /{step + 1}\r\nSet-Cookie: a=b\r\n"
        return answer() if step == 5 else answer(b"", f"{status} On", headers)

    async with serving(respond) as server:
        assert (await fetch_from(server, "/0")).data == PIXELS
    assert len(server.heads) == 6
    assert "Cookie" not in "".join(server.heads)


async def test_a_redirect_loop_ends_after_five_redirects() -> None:
    async with serving(lambda _: redirect(f"/r?{SECRET}")) as server:
        error = await failure_from(server, f"/r?{SECRET}")
    assert error.code == "fetch_failed"
    assert "more than 5 times" in error.message
    assert len(server.heads) == 6


async def test_a_redirect_without_a_location_is_refused() -> None:
    async with serving(lambda _: answer(b"", "302 Found")) as server:
        error = await failure_from(server)
    assert error.code == "fetch_failed"
    assert "without saying clearly where to" in error.message


async def test_a_redirect_to_a_private_host_names_what_was_refused() -> None:
    async with serving(lambda _: redirect(f"http://10.0.0.5/x?{SECRET}")) as server:
        error = await failure_from(server)
    assert error.code == "blocked_address"
    assert error.message == (
        "it redirects, and the host is the address 10.0.0.5, which is private (RFC 1918); "
        "set GROK_VISION_ALLOW_HOSTS=10.0.0.5:80 to allow it."
    )


async def test_a_declared_length_above_the_bound_is_refused_before_reading() -> None:
    async with serving(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n") as server:
        error = await failure_from(server)
    assert error.code == "too_large"


async def test_a_body_without_a_length_is_read_up_to_the_bound_only() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5_000_000)
    async with serving(lambda _: endless) as server:
        error = await failure_from(server)
    assert error.code == "too_large"
    assert "GROK_VISION_MAX_IMAGE_BYTES" in error.message


async def test_a_body_of_exactly_the_bound_is_taken() -> None:
    async with serving(lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1000)) as server:
        assert len((await fetch_from(server)).data) == 1000


async def test_a_compressed_body_is_refused() -> None:
    zipped = answer(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")
    async with serving(lambda _: zipped) as server:
        error = await failure_from(server)
    assert error.code == "fetch_failed"
    assert "compressed" in error.message


async def test_an_empty_body_is_a_failure() -> None:
    async with serving(lambda _: answer(b"")) as server:
        error = await failure_from(server)
    assert error.code == "fetch_failed"
    assert "answered with nothing" in error.message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("404 Gone fishing", "answered 404 Not Found; check the URL"),
        ("403 No", "403 Forbidden; it wants a login or refuses programs; download the file"),
        ("429 Slow", "429 Too Many Requests; try again later"),
        ("503 Down", "503 Service Unavailable; try again later"),
        ("304 Same", "304 Not Modified; give the URL of the picture itself"),
        ("799 Odd", "answered 799; try again later"),
    ],
)
async def test_a_status_is_told_in_words_with_what_to_do(status: str, words: str) -> None:
    async with serving(lambda _: answer(b"" if "304" in status else b"no", status)) as server:
        error = await failure_from(server, f"/i?{SECRET}")
    assert error.code == "fetch_failed"
    assert words in error.message


async def test_a_dripping_host_meets_the_deadline() -> None:
    async with serving(lambda _: answer(bytes(900)), pause=0.02) as server:
        error = await failure_from(server, f"/i?{SECRET}", deadline=0.3)
    assert error.code == "fetch_failed"
    assert "within 0.3 s" in error.message


async def test_a_slow_lookup_meets_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(remote.anyio, "getaddrinfo", never)
    with pytest.raises(SourceError) as raised:
        await Fetcher(max_bytes=10, deadline=0.05).fetch("http://example.com/")
    assert raised.value.code == "fetch_failed"


async def test_lookups_that_hang_hold_a_bounded_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[str] = []
    released = threading.Event()

    def hang(host: Any, *_: Any, **__: Any) -> list[Any]:
        running.append(host)
        released.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def fetch(number: int) -> None:
        fetcher = Fetcher(max_bytes=10, deadline=0.05)
        assert isinstance(await outcome_of(fetcher, f"http://{number}.example/"), SourceError)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(fetch, number)
        assert 1 <= len(running) <= 32  # the most that the event loop's own pool ever has
    finally:
        released.set()


async def test_a_broken_answer_is_told_as_such() -> None:
    async with serving(lambda _: b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        error = await failure_from(server)
    assert "does not speak HTTP properly" in error.message


@pytest.mark.parametrize("failure", [httpx2.ConnectError, httpx2.ConnectTimeout])
async def test_a_host_that_cannot_be_reached_is_told_with_a_way_around_proxies(
    failure: type[Exception],
) -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise failure("")

    error = await outcome_of(Fetcher(max_bytes=10, transport=Recorder(fail)), "http://1.1.1.1/")
    assert str(error).startswith("[fetch_failed] ")
    assert "behind a proxy, which fetches never use, download the file and pass its path" in str(
        error
    )
    assert "GROK_VISION_URL_MODE=pass" in str(error)


async def test_an_unknown_host_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Network({}, 0).install(monkeypatch)
    with pytest.raises(SourceError) as raised:
        await Fetcher(max_bytes=10).fetch(f"http://nowhere.example/{SECRET}")
    assert raised.value.message == (
        "the host nowhere.example could not be found; check the URL; where a proxy alone knows the "
        "names of the web, download the file and pass its path."
    )


@pytest.mark.parametrize("answers", [[], ["fe80::1%eth0"]])
async def test_a_name_without_a_usable_address_is_refused(
    answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lookup(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", (text, 80)) for text in answers]

    monkeypatch.setattr(remote.anyio, "getaddrinfo", lookup)
    fetcher = Fetcher(max_bytes=10, rules=[HostRule.parse("odd.example")])
    with pytest.raises(SourceError):
        await fetcher.fetch("http://odd.example/")


async def test_a_rule_for_a_name_never_opens_the_metadata_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network({"localhost": [["169.254.169.254"]]}, 0)
    network.install(monkeypatch)
    with pytest.raises(SourceError) as raised:
        await Fetcher(rules=[HostRule.parse("localhost:3000")], max_bytes=10).fetch(
            "http://localhost:3000/"
        )
    assert network.dialled == []
    assert raised.value.code == "blocked_address"
    assert "GROK_VISION_ALLOW_HOSTS" not in raised.value.message


async def test_two_hosts_at_one_address_never_share_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(lambda _: answer(headers="Connection: keep-alive\r\n")) as server:
        names = ("one.example", "two.example")
        network = Network({name: [["93.184.215.14"]] for name in names}, server.port)
        network.install(monkeypatch)
        fetcher = Fetcher(max_bytes=1000)
        for name in names:
            await fetcher.fetch(f"http://{name}/")
        assert fetcher._transport._pool.connections == []
        await fetcher.aclose()
    assert network.dialled == ["93.184.215.14"] * 2


class Recorder(httpx2.AsyncBaseTransport):
    """A transport that notes requests and answers, or fails, by a function."""

    def __init__(self, handle: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self.handle = handle
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.handle(request)


async def test_tls_is_asked_for_and_verified_by_name_at_the_checked_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Network({"xn--mnchen-3ya.example": [["2606:2800::1"]]}, 0).install(monkeypatch)
    transport = Recorder(lambda _: httpx2.Response(200, content=PIXELS))
    fetched = await Fetcher(max_bytes=1000, transport=transport).fetch(
        "https://M\u00fcnchen.example./\u753b.png?a=\u00fc"
    )
    (request,) = transport.requests
    assert fetched.data == PIXELS
    assert str(request.url) == "https://[2606:2800::1]/%E7%94%BB.png?a=%C3%BC"
    assert request.headers["host"] == "xn--mnchen-3ya.example"
    assert request.extensions["sni_hostname"] == "xn--mnchen-3ya.example"


def certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Makes a certificate for a name; returns a server's context and a trusting client's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@pytest.mark.parametrize(
    ("host", "trusted", "words"),
    [
        ("tls.example", True, None),
        ("other.example", True, "Hostname mismatch, certificate is not valid for"),
        ("tls.example", False, "self-signed certificate"),
    ],
)
async def test_a_certificate_must_be_trusted_and_fit_the_name(
    host: str, trusted: bool, words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for_server, for_client = certified("tls.example", tmp_path)
    transport = httpx2.AsyncHTTPTransport(verify=for_client) if trusted else None
    async with Server(lambda _: answer()).listening(tls=for_server) as server:
        network = Network({host: [["93.184.215.14"]]}, server.port)
        network.install(monkeypatch)
        fetcher = Fetcher(max_bytes=1000, deadline=5, transport=transport)
        outcome = await outcome_of(fetcher, f"https://{host}/")
    fault = f"[fetch_failed] the certificate of the host {host} is not accepted: "
    assert outcome == PIXELS if words is None else str(outcome).startswith(fault + words)
    assert network.dialled == ["93.184.215.14"]


async def test_the_own_transport_verifies_certificates_and_keeps_no_connection() -> None:
    pool = Fetcher(max_bytes=1)._ready_transport()._pool
    assert pool._ssl_context.verify_mode == ssl.CERT_REQUIRED
    assert pool._ssl_context.check_hostname
    assert pool._max_keepalive_connections == 0


async def test_the_next_address_is_tried_where_one_does_not_accept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "1.1.1.1":
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200, content=PIXELS)

    Network({"dual.example": [["1.1.1.1", "1.0.0.1"]]}, 0).install(monkeypatch)
    transport = Recorder(handle)
    fetcher = Fetcher(max_bytes=1000, transport=transport)
    assert (await fetcher.fetch("http://dual.example/")).data == PIXELS
    assert [request.url.host for request in transport.requests] == ["1.1.1.1", "1.0.0.1"]


async def test_https_is_never_left_for_http() -> None:
    headers = {"Location": f"http://1.1.1.1/{SECRET}"}
    transport = Recorder(lambda _: httpx2.Response(302, headers=headers))
    with pytest.raises(SourceError) as raised:
        await Fetcher(max_bytes=10, transport=transport).fetch("https://1.1.1.1/")
    assert raised.value.code == "fetch_failed"
    assert "from https to unprotected http" in raised.value.message
    assert len(transport.requests) == 1


def descendants(*kinds: type[BaseException]) -> Iterator[type[BaseException]]:
    for kind in kinds:
        yield kind
        yield from descendants(*kind.__subclasses__())


def httpx2_exceptions() -> list[type[BaseException]]:
    exported = [value for value in vars(httpx2).values() if isinstance(value, type)]
    failures = [kind for kind in exported if issubclass(kind, Exception)]
    return sorted({*failures, *descendants(*fetch_failures.HTTPX_ERRORS)}, key=lambda k: k.__name__)


@pytest.mark.parametrize("kind", [*httpx2_exceptions(), OSError, ssl.SSLError])
async def test_every_exception_of_httpx2_becomes_a_source_error(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, f"http://1.1.1.1/?{SECRET}")

    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error

    with pytest.raises(SourceError) as raised:
        await Fetcher(max_bytes=10, transport=Recorder(fail)).fetch(f"http://1.1.1.1/?{SECRET}")
    assert raised.value.code == "fetch_failed"
    assert "1.1.1.1" in raised.value.message
    assert SECRET not in raised.value.message


def test_a_certificate_that_does_not_fit_is_told_in_openssls_words() -> None:
    fault = ssl.SSLCertVerificationError()
    fault.verify_message = "certificate has expired"
    error = httpx2.ConnectError("…")
    error.__cause__ = fault
    assert fetch_failures.explain(error, "old.example").message == (
        "the certificate of the host old.example is not accepted: certificate has expired."
    )


async def test_no_query_is_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(lambda _: answer()) as server:
        await fetch_from(server, f"/i.png?{SECRET}")
    assert SECRET not in caplog.text
