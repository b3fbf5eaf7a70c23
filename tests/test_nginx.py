"""Our configuration of nginx: what it sends where, and what it says where nobody answers."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.loopback import Server, answer
from tests.replicas import free_port, nginx, program, written
from tests.test_remote import certified
from tests.web import Peer, status

pytestmark = pytest.mark.anyio

LARGE = "Content-Length: 50000000"
LEAVES = {"X-Test": "leave"}
"""What makes a server close the connection in place of an answer."""


class Upstream(Server):
    """A server that answers, or reads a request and leaves."""

    def __init__(self) -> None:
        super().__init__(self._answered)

    def _answered(self, _: str) -> bytes:
        return b"" if "x-test: leave" in self.heads[-1].lower() else answer(b"answered")


@dataclass
class Behind:
    """nginx, and the servers that it asks."""

    servers: list[Upstream]
    http: httpx2.AsyncClient

    async def posted(self, path: str = "/mcp", **headers: str) -> httpx2.Response:
        return await self.http.post(path, content=b"{}", headers=headers)

    def asked(self) -> list[int]:
        """Return how often each was asked."""
        return [len(server.heads) for server in self.servers]


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[Behind]:
    program()
    async with AsyncExitStack() as stack:
        servers = [Upstream(), Upstream()]
        for server in servers:
            await stack.enter_async_context(server.listening())
        address = stack.enter_context(nginx(tmp_path, [one.port for one in servers]))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=address))
        yield Behind(servers, http)


def test_nginx_finds_nothing_wrong_with_the_configuration(tmp_path: Path) -> None:
    nginx_program = program()
    certified("vision.example.com", tmp_path)
    main = written(tmp_path, free_port(), [8001, 8002], tmp_path / "server.pem")
    tested = subprocess.run(
        [nginx_program, "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(main)],
        capture_output=True,
        text=True,
    )
    assert tested.returncode == 0, tested.stderr
    assert [line for line in tested.stderr.splitlines() if "[warn]" in line] == []


@pytest.mark.parametrize("path", ["/mcp", "/images"])
async def test_a_post_that_was_sent_is_never_sent_again(behind: Behind, path: str) -> None:
    told = await behind.posted(path, **LEAVES)
    assert sum(behind.asked()) == 1
    assert (told.status_code, told.headers["retry-after"]) == (503, "1")
    assert told.headers["content-type"] == "application/json"
    error = told.json()["error"]
    assert "try again" in error["message"]
    if path == "/mcp":
        assert (told.json()["jsonrpc"], told.json()["id"], error["code"]) == ("2.0", None, -32603)
        assert error["message"].startswith("[unavailable] ")
    else:
        assert error["code"] == "unavailable"


@pytest.mark.parametrize("headers", [{}, {"Mcp-Session-Id": "0123"}], ids=["any", "of a session"])
async def test_where_one_takes_no_connections_the_other_is_asked(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    program()
    async with Upstream().listening() as server, httpx2.AsyncClient() as http:
        with nginx(tmp_path, [free_port(), server.port]) as address:
            for _ in range(6):
                told = await http.post(f"{address}/mcp", content=b"{}", headers=headers)
                assert told.status_code == 200


async def test_where_none_takes_connections_that_is_told(tmp_path: Path) -> None:
    with nginx(tmp_path, [free_port(), free_port()]) as address:
        async with httpx2.AsyncClient() as http:
            told = await http.post(f"{address}/mcp", content=b"{}")
            assert told.status_code == 503
            assert told.json()["error"]["message"].startswith("[unavailable] ")
            assert (await http.get(f"{address}/ready")).status_code == 503
            assert (await http.get(f"{address}/health")).status_code == 200


async def test_a_session_stays_with_one_and_others_are_spread(behind: Behind) -> None:
    for _ in range(8):
        await behind.posted(**{"Mcp-Session-Id": "0123"})
    assert sorted(behind.asked()) == [0, 8]
    for server in behind.servers:
        server.heads.clear()
    for _ in range(8):
        await behind.posted()
    assert min(behind.asked()) > 0


@pytest.mark.parametrize(
    ("path", "code"), [("/mcp", "[request_too_large]"), ("/images", "too_large")]
)
async def test_what_is_larger_than_any_server_takes_is_refused_in_words(
    behind: Behind, path: str, code: str
) -> None:
    host = behind.http.base_url.netloc.decode()
    peer = Peer(*await asyncio.open_connection(*host.split(":")))
    peer.writer.write(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{LARGE}\r\n\r\n".encode())
    told = await peer.answer()
    peer.writer.close()
    assert status(told) == 413
    error = json.loads(told.partition(b"\r\n\r\n")[2])["error"]
    assert code in f"{error['code']} {error['message']}"
    assert sum(behind.asked()) == 0


async def test_figures_are_not_for_everybody(behind: Behind) -> None:
    told = await behind.http.get("/metrics")
    assert (told.status_code, sum(behind.asked())) == (404, 0)
