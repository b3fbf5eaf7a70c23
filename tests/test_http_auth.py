"""Over HTTP, who calls is known by a token before anything of a request is read."""

import hmac
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from grok_vision.app import create_server
from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings
from grok_vision.web.identity import identity
from grok_vision.web.tokens import StaticTokens, generated_token
from tests.authorization_server import PUBLIC_URL
from tests.fake_xai import FakeXAI
from tests.guarded import bearing, behind, calling, known_by
from tests.peers import HELLO, LEGACY, TAKEN, asked, sent, serving
from tests.support import saved, settings_for

ANN, BOB = "token-of-ann-0123456789", "token-of-bob-0123456789"
BOTH = (SecretStr(ANN), SecretStr(BOB))


async def test_each_token_is_a_client_of_its_own_whose_name_does_not_hold_it() -> None:
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        told = [(await client.get("/mcp", headers=bearing(token))).json() for token in (ANN, BOB)]

    assert [one["client_id"] for one in told] == ["token-e4c3aa3d", "token-52334763"]
    assert not any(token in str(told) for token in (ANN, BOB))


async def test_a_request_without_a_known_token_is_refused_and_not_served() -> None:
    headers = [
        "",
        "Bearer",
        f"Basic {ANN}",
        ANN,
        f"Bearer{ANN}",
        f"Bearer {ANN[:-1]}",
        f"Bearer {ANN}x",
        f"Bearer {ANN.upper()}",
        f"Bearer {ANN} {BOB}",
        f"Bearer {ANN},{BOB}",
        "Bearer t\u00f6ken",
    ]
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        refused = [await client.post("/mcp", content=b"{}")]
        refused += [
            await client.post("/mcp", headers={"Authorization": header.encode("latin-1")})
            for header in headers
        ]

    assert {answer.status_code for answer in refused} == {401}
    assert {answer.json()["error"] for answer in refused} == {"invalid_token"}
    # Only an authorization server would have metadata.
    assert {answer.headers["www-authenticate"] for answer in refused} == {
        'Bearer error="invalid_token", error_description="Authentication required"'
    }


async def test_a_token_in_the_query_is_not_accepted() -> None:
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        for name in ("access_token", "token", "authorization"):
            assert (await client.get("/mcp", params={name: ANN})).status_code == 401


async def test_the_scheme_is_read_in_any_case() -> None:
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        for scheme in ("Bearer", "bearer", "BEARER", "bEaReR"):
            taken = await client.get("/mcp", headers={"authorization": f"{scheme} {ANN}"})
            assert taken.status_code == 200


async def test_of_two_tokens_in_one_request_none_is_taken() -> None:
    twice = [("Authorization", f"Bearer {token}") for token in (ANN, BOB)]
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        refused = await client.get("/mcp", headers=twice)

    assert refused.status_code == 400
    assert "one Authorization header" in refused.json()["error"]["message"]


@pytest.mark.parametrize("token", [ANN, BOB, "neither"])
async def test_every_token_is_compared_whichever_it_is(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = StaticTokens(BOTH)
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    await verifier.verify_token(token)

    assert len(compared) == len(BOTH)
    # Digests, so that not even the length of a token shows.
    assert {len(value) for pair in compared for value in pair} == {32}


async def test_open_paths_and_no_others_need_no_token() -> None:
    expected = {
        "/health": "200",
        "/health?verbose": "200",
        "/health/": "401",
        "/health/mcp": "401",
        "/HEALTH": "401",
        "/mcp?/health": "401",
        "/mcp/../health/..%2fmcp": "401",
        "//health": "401",
        "/.well-known/oauth-protected-resource/mcp": "401",
        "/metrics": "401",
    }
    async with serving(behind(known_by(auth_token=BOTH))) as host:
        told = {path: await (await sent(host, method="GET", path=path)).rest() for path in expected}

    assert {path: head.split()[1] for path, head in told.items()} == expected


async def test_no_method_passes_without_a_token() -> None:
    methods = ("GET", "HEAD", "DELETE", "OPTIONS", "PUT", "TRACE")
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        assert {(await client.request(method, "/mcp")).status_code for method in methods} == {401}


async def test_no_log_ever_holds_a_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "token-of-nobody-0123456789"
    async with calling(behind(known_by(auth_token=BOTH))) as client:
        for token in (ANN, wrong):
            await client.get("/mcp", headers=bearing(token))

    assert caplog.records
    # The client of this test is no part of the server; it logs what it sends.
    told = [record.getMessage() for record in caplog.records if "httpcore" not in record.name]
    assert not [line for line in told if ANN in line or wrong in line]


async def test_a_session_is_of_no_use_to_another_token(folder: Path) -> None:
    app = create_server(settings_for(folder)).streamable_http_app()
    async with calling(behind(known_by(auth_token=BOTH), app), headers=TAKEN | LEGACY) as client:
        opened = await client.post("/mcp", json=HELLO, headers=bearing(ANN))
        of_ann = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        answers = [
            await client.post("/mcp", json=asked("ping", {}), headers={**of_ann, **bearing(token)})
            for token in (ANN, BOB)
        ]

    assert [answer.status_code for answer in answers] == [200, 404]


async def test_a_client_with_a_token_is_served_and_the_token_goes_no_further(
    folder: Path, xai: FakeXAI
) -> None:
    server = create_server(settings_for(folder), transport=xai.transport())
    app = behind(known_by(auth_token=BOTH), server.streamable_http_app(stateless_http=True))
    async with calling(app, headers=bearing(ANN)) as http:
        way = streamable_http_client(f"{http.base_url}/mcp", http_client=http)
        async with Client(way) as client:
            result = await client.call_tool("describe_image", {"image": saved(folder)})

    assert not result.is_error
    assert [request.headers["authorization"] for request in xai.requests] == ["Bearer test"]
    assert ANN not in str(xai.requests)


def test_tokens_are_made_that_nobody_can_guess() -> None:
    made = {generated_token().get_secret_value() for _ in range(100)}

    assert len(made) == 100
    assert min(map(len, made)) >= 43
    assert Settings(auth_token=" ".join(made)).auth_token


def test_without_tokens_and_issuer_nobody_is_asked_who_it_is() -> None:
    assert identity(Settings(), PUBLIC_URL) is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oauth_audience": "vision"}, "GROK_VISION_OAUTH_AUDIENCE needs GROK_VISION_OAUTH_ISSUER"),
        ({"oauth_scopes": "see"}, "GROK_VISION_OAUTH_SCOPES needs GROK_VISION_OAUTH_ISSUER"),
        ({"oauth_issuer": "http://login.example.com"}, "GROK_VISION_OAUTH_ISSUER must begin with"),
    ],
)
def test_settings_by_which_nobody_would_be_known_are_refused(
    given: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        identity(Settings(**given), PUBLIC_URL)

    assert caught.value.code == "bad_setting"


def test_tokens_alone_need_neither_the_library_of_json_web_tokens_nor_that_of_limits() -> None:
    code = (
        "import sys; from grok_vision.settings import Settings\n"
        "from grok_vision.web.identity import identity\n"
        "identity(Settings(auth_token='0123456789abcdef'), 'http://127.0.0.1/mcp')\n"
        "print({'jwt', 'limits'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
