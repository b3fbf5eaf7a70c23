"""Fetches use no proxy of the environment: it would look hosts up anew, past every check."""

from pathlib import Path

import pytest

from tests.fake_xai import FakeXAI
from tests.loopback import Network, Server, answer, serving
from tests.support import describe, encoded, error_text, quadrants, structured

pytestmark = pytest.mark.anyio

PICTURE = encoded(quadrants(), "PNG")
PUBLIC = "93.184.215.14"


def set_proxies(monkeypatch: pytest.MonkeyPatch, proxy: Server) -> None:
    for scheme in ("http", "https", "all"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_a_proxy_of_the_environment_sees_nothing_of_a_fetch(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(lambda _: answer()) as proxy, serving(lambda _: answer(PICTURE)) as host:
        set_proxies(monkeypatch, proxy)
        url = f"http://127.0.0.1:{host.port}/shot.png"
        rule = (f"127.0.0.1:{host.port}",)
        structured(await describe(xai, folder, url, setting_allow_hosts=rule))
    assert [head.split()[1] for head in host.heads] == ["/shot.png"]
    assert proxy.heads == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_public_host_is_dialled_itself_where_proxies_are_set(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    async with serving(lambda _: answer()) as gone:
        pass
    set_proxies(monkeypatch, gone)
    network = Network({"www.example": [[PUBLIC]]}, gone.port)
    network.install(monkeypatch)
    text = error_text(await describe(xai, folder, f"{scheme}://www.example/shot.png"))
    assert "no connection to the host www.example" in text
    assert "behind a proxy" in text
    assert network.dialled == [PUBLIC]
