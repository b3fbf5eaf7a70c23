"""Over HTTP, tokens of an authorization server are judged by its keys, which are read with care."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import AnyHttpUrl

from grok_vision.app import create_server
from grok_vision.web.identity import Identity
from grok_vision.web.issuer import Issuer, IssuerUnavailableError
from grok_vision.web.oauth import IssuedTokens
from tests.authorization_server import (
    PUBLIC_URL,
    AuthorizationServer,
    authorization_server,
    document,
    jwk,
    new_key,
    unsigned,
)
from tests.guarded import bearing, behind, calling, known_by
from tests.loopback import answer, redirect
from tests.peers import HELLO, LEGACY, TAKEN, asked
from tests.support import settings_for

METADATA_URL = "https://vision.example.com/.well-known/oauth-protected-resource/mcp"
MINUTE = 60.0


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def both(**settings: Any) -> AsyncIterator[tuple[AuthorizationServer, httpx2.AsyncClient]]:
    """Serve an authorization server, and a server that takes its tokens; give a client of that."""
    async with authorization_server() as issuing:
        who = known_by(oauth_issuer=issuing.issuer, **settings)
        async with calling(behind(who)) as client:
            yield issuing, client


async def status(client: httpx2.AsyncClient, token: str) -> int:
    return (await client.get("/mcp", headers=bearing(token))).status_code


def judge(issuing: AuthorizationServer, clock: Clock, deadline: float = 5.0) -> IssuedTokens:
    return IssuedTokens(Issuer(issuing.issuer, deadline=deadline, clock=clock), PUBLIC_URL)


async def test_a_token_of_the_issuer_tells_who_calls_and_what_it_may() -> None:
    async with both() as (issuing, client):
        claims = {"scope": "see pay", "act": {"sub": "secret"}}
        told = (await client.get("/mcp", headers=bearing(issuing.token(**claims)))).json()
        expected = {
            "who": ["editor", issuing.issuer, "ann"],
            "token": "",
            "client_id": "editor",
            "scopes": ["see", "pay"],
            "expires_at": told["expires_at"],
            "resource": PUBLIC_URL,
            "subject": "ann",
            "claims": {"iss": issuing.issuer},
        }

    assert told == expected
    assert told["expires_at"] > time.time()
    # What authorizes a client goes nowhere else.
    assert issuing.asked == ["/.well-known/oauth-authorization-server", "/keys"]
    assert not [head for head in issuing.heads if "authorization:" in head.lower()]


async def test_every_algorithm_whose_verifier_cannot_sign_is_taken() -> None:
    algorithms = ("RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA")
    rsa_key = new_key("RS256")
    keys = {name: rsa_key if name[:2] in {"RS", "PS"} else new_key(name) for name in algorithms}
    async with both() as (issuing, client):
        issuing.keys = [jwk(key, name, kid=name) for name, key in keys.items()]
        told = [
            await status(client, issuing.token(key=key, algorithm=name, header={"kid": name}))
            for name, key in keys.items()
        ]

    assert told == [200] * len(algorithms)


async def test_whom_a_token_names_by_another_claim_is_the_client() -> None:
    async with both() as (issuing, client):
        tokens = [
            issuing.token(client_id=None, azp="app"),
            issuing.token(client_id=7, cid="app"),
            issuing.token(client_id=None),
        ]
        told = [(await client.get("/mcp", headers=bearing(token))).json() for token in tokens]

    assert [one["client_id"] for one in told] == ["app", "app", "ann"]


async def test_a_token_that_is_not_for_now_or_not_for_us_is_refused() -> None:
    now = int(time.time())
    other = "https://other.example.com/mcp"
    async with both() as (issuing, client):
        tokens = {
            "expired": issuing.token(exp=now - 1),
            "long expired": issuing.token(exp=now - 3600),
            "not yet valid": issuing.token(nbf=now + 120),
            "of tomorrow": issuing.token(iat=now + 86400),
            "without an end": issuing.token(exp=None),
            "endless": issuing.token(exp="never"),
            "of another issuer": issuing.token(iss="https://evil.example.com"),
            "of nearly the issuer": issuing.token(iss=issuing.issuer + "/"),
            "of no issuer": issuing.token(iss=None),
            "for another": issuing.token(aud=other),
            "for others": issuing.token(aud=[other, "api"]),
            "for a longer name": issuing.token(aud=PUBLIC_URL + ".evil.example.com"),
            "for nobody": issuing.token(aud=None),
            "for an empty list": issuing.token(aud=[]),
            "for a number": issuing.token(aud=[7, PUBLIC_URL]),
            "of no client": issuing.token(client_id=None, sub=None),
        }
        told = {name: await status(client, token) for name, token in tokens.items()}

    assert told == dict.fromkeys(tokens, 401)


async def test_a_token_that_the_issuer_did_not_sign_so_is_refused() -> None:
    pair = rsa.generate_private_key(65537, 2048)
    stranger = new_key()
    async with both() as (issuing, client):
        issuing.keys.append(jwk(pair, "RS256", kid="rsa"))
        pem = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        claims = issuing.claims()
        good = issuing.token()
        head, body, signature = good.split(".")
        tokens = {
            "not signed": unsigned({"alg": "none", "kid": "one"}, claims),
            "signed by nobody": unsigned({"alg": "NONE", "kid": "one"}, claims),
            "with the public key as a secret": by_secret(claims, pem),
            "with a list of algorithms": unsigned({"alg": ["ES256"], "kid": "one"}, claims),
            "by a stranger": issuing.token(key=stranger),
            "by a key that it brings": issuing.token(key=stranger, header={"jwk": jwk(stranger)}),
            "by a key elsewhere": issuing.token(
                key=stranger, header={"kid": "x", "jku": f"{issuing.origin}/evil"}
            ),
            "by an unknown key": issuing.token(header={"kid": "two"}),
            "by another algorithm's key": issuing.token(
                key=pair, algorithm="RS256", header={"kid": "one"}
            ),
            "altered": f"{head}.{body[:-2]}AA.{signature}",
            "cut": f"{head}.{body}.",
            "with a rule that is unknown": issuing.token(header={"crit": ["x"], "x": 1}),
            "of another kind": issuing.token(header={"typ": "logout+jwt"}),
            "of no kind": issuing.token(header={"typ": 7}),
            "opaque": "an-opaque-token-0123456789",
            "of dots": "..",
            "deep": unsigned(json.loads("[" * 900 + "]" * 900), {}),
        }
        told = {name: await status(client, token) for name, token in tokens.items()}
        taken = await status(client, good)

    assert told == dict.fromkeys(tokens, 401)
    assert taken == 200
    assert "/evil" not in issuing.asked


def by_secret(claims: dict[str, Any], pem: bytes) -> str:
    """Return a token signed as if the public key were a secret; the library would not do so."""
    algorithm = jwt.get_algorithm_by_name("HS256")
    signed = unsigned({"alg": "HS256", "kid": "rsa"}, claims).removesuffix(".")
    signature = algorithm.sign(signed.encode(), pem)
    return f"{signed}.{jwt.utils.base64url_encode(signature).decode()}"


async def test_a_token_without_a_kind_or_a_name_of_its_key_is_taken_where_one_key_fits() -> None:
    async with both() as (issuing, client):
        token = issuing.token(header={"kid": None, "typ": None})
        told = [await status(client, token)]
        issuing.keys.append(jwk(new_key(), kid="two"))
        await status(client, issuing.token(header={"kid": "two"}))  # has the keys read again
        told.append(await status(client, token))

    assert told == [200, 401]


async def test_it_is_enough_that_we_are_among_those_whom_a_token_is_for() -> None:
    async with both() as (issuing, client):
        for audience in (["api", PUBLIC_URL], PUBLIC_URL + "/", [PUBLIC_URL]):
            assert await status(client, issuing.token(aud=audience)) == 200


async def test_the_audience_may_be_a_name_that_is_set_and_is_then_the_only_one() -> None:
    async with both(oauth_audience="api://vision") as (issuing, client):
        audiences = ("api://vision", "api://vision/", PUBLIC_URL)
        told = [await status(client, issuing.token(aud=audience)) for audience in audiences]

    assert told == [200, 401, 401]


async def test_a_token_without_the_scopes_is_told_which_it_needs() -> None:
    async with both(oauth_scopes=("see", "pay")) as (issuing, client):
        wanting = await client.get("/mcp", headers=bearing(issuing.token(scope="pays see")))
        unknown = await client.get("/mcp")
        full = [
            await status(client, issuing.token(**claims))
            for claims in ({"scope": "pay see"}, {"scp": ["see", "pay", 7]}, {"scp": "see pay"})
        ]

    assert (wanting.status_code, wanting.json()["error"]) == (403, "insufficient_scope")
    assert unknown.status_code == 401
    for refused in (wanting, unknown):
        told = refused.headers["www-authenticate"]
        assert f'resource_metadata="{METADATA_URL}"' in told
        assert 'scope="see pay"' in told
    assert full == [200] * 3


async def test_where_there_are_static_tokens_too_they_need_neither_the_issuer_nor_scopes() -> None:
    static = "token-of-ann-0123456789"
    async with both(auth_token=static, oauth_scopes=("see",)) as (issuing, client):
        told = [await status(client, static)]
        asked_for_static = list(issuing.asked)
        told.append(await status(client, issuing.token(scope="see")))
        told.append(await status(client, static + "x"))

    assert told == [200, 200, 401]
    assert asked_for_static == []


async def test_what_is_no_token_of_an_issuer_is_refused_without_asking_it() -> None:
    async with both() as (issuing, client):
        opaque = await status(client, "opaque")
        secret = await status(client, unsigned({"alg": "HS256", "kid": "one"}, {}) + "AA")

    assert (opaque, secret, issuing.asked) == (401, 401, [])


async def test_a_new_key_is_known_at_once_and_unknown_ones_are_asked_for_once_a_minute() -> None:
    clock = Clock()
    async with authorization_server() as issuing:
        verifier = judge(issuing, clock)
        first, unknown = issuing.token(), issuing.token(header={"kid": "x"})
        assert await verifier.verify_token(first)
        new = new_key()
        issuing.keys = [jwk(new, kid="two")]
        assert await verifier.verify_token(issuing.token(key=new, header={"kid": "two"}))
        assert await verifier.verify_token(first) is None
        asked_for_new = issuing.asked.count("/keys")
        for _ in range(20):
            assert await verifier.verify_token(unknown) is None
        asked_within = issuing.asked.count("/keys")
        clock.now += MINUTE
        assert await verifier.verify_token(unknown) is None

    assert (asked_for_new, asked_within, issuing.asked.count("/keys")) == (2, 2, 3)


async def test_keys_that_were_read_for_a_token_are_not_read_twice_for_it() -> None:
    async with authorization_server() as issuing:
        verifier = judge(issuing, Clock())
        assert await verifier.verify_token(issuing.token(header={"kid": "x"})) is None

    assert issuing.asked.count("/keys") == 1


async def test_requests_that_come_together_ask_the_issuer_once() -> None:
    async with authorization_server() as issuing:
        verifier, token = judge(issuing, Clock()), issuing.token()
        assert all(await asyncio.gather(*(verifier.verify_token(token) for _ in range(20))))
        at_first = issuing.asked.count("/keys")
        new = new_key()
        issuing.keys = [jwk(new, kid="two")]
        token = issuing.token(key=new, header={"kid": "two"})
        assert all(await asyncio.gather(*(verifier.verify_token(token) for _ in range(20))))

    assert (at_first, issuing.asked.count("/keys")) == (1, 2)


async def test_keys_are_read_again_after_ten_minutes_and_outlive_an_hour_without_their_issuer() -> (
    None
):
    clock = Clock()
    async with authorization_server() as issuing:
        verifier, token = judge(issuing, clock), issuing.token()
        await verifier.verify_token(token)
        clock.now += 10 * MINUTE - 1
        await verifier.verify_token(token)
        kept = issuing.asked.count("/keys")
        clock.now += 1
        issuing.answers["/keys"] = answer(b"", "500 Broken")
        stale = await verifier.verify_token(token)
        asked_again = issuing.asked.count("/keys")
        await verifier.verify_token(token)
        at_once = issuing.asked.count("/keys")
        clock.now += MINUTE
        del issuing.answers["/keys"]
        issuing.keys = [jwk(new_key(), kid="two")]
        taken_back = await verifier.verify_token(token)

    assert (kept, asked_again, at_once) == (1, 2, 2)
    assert stale is not None
    assert taken_back is None


async def test_an_issuer_that_is_away_for_long_is_told_as_such() -> None:
    clock = Clock()
    async with authorization_server() as issuing:
        who = Identity(judge(issuing, clock))
        async with calling(behind(who)) as client:
            token = issuing.token()
            told = [await status(client, token)]
            issuing.answers[issuing.metadata_at] = answer(b"", "503 Later")
            clock.now += 70 * MINUTE - 1
            told.append(await status(client, token))
            clock.now += MINUTE
            told.append(await status(client, token))

    assert told == [200, 200, 503]


METADATA = "/.well-known/oauth-authorization-server"
PACKED = "Content-Encoding: gzip\r\n"
BROKEN = "500 Broken"
# Where, what is answered there (`good` is the body that would do), and what the log tells of it.
UNUSABLE = {
    "broken metadata": (METADATA, lambda good: answer(b"<html>"), "holds something else"),
    "metadata as a list": (METADATA, lambda good: document([]), "holds something else"),
    "metadata without keys": (METADATA, lambda good: document({"issuer": "x"}), "something else"),
    "huge metadata": (METADATA, lambda good: answer(good + b" " * 262144), "is larger than"),
    "failing": (METADATA, lambda good: answer(good, BROKEN), "answers 500"),
    "moved": (METADATA, lambda good: redirect("/elsewhere"), "answers 302"),
    "broken keys": ("/keys", lambda good: answer(b"{"), "holds something else"),
    "huge keys": ("/keys", lambda good: answer(good + b" " * 262144), "is larger than"),
    "deep keys": ("/keys", lambda good: answer(b'{"keys": ' + b"[" * 5000), "something else"),
    "moved keys": ("/keys", lambda good: redirect("/elsewhere", 307), "answers 307"),
    "failing keys": ("/keys", lambda good: answer(good, BROKEN), "answers 500"),
    "packed keys": ("/keys", lambda good: answer(good, headers=PACKED), "is compressed"),
    "no list of keys": ("/keys", lambda good: document({"keys": {}}), "something else"),
    "no keys": ("/keys", lambda good: document({"keys": []}), "none of them is for signatures"),
    "cut off": ("/keys", lambda good: answer(good)[:-9], "RemoteProtocolError"),
    "no HTTP": ("/keys", lambda good: b"SSH-2.0-OpenSSH_9.9\r\n", "RemoteProtocolError"),
}


@pytest.mark.parametrize("problem", UNUSABLE)
async def test_an_issuer_of_no_use_is_no_verdict_on_a_token(
    problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, respond, reason = UNUSABLE[problem]
    async with authorization_server() as issuing:
        whole = issuing.respond(path)
        issuing.answers["/elsewhere"] = whole
        issuing.answers[path] = respond(whole.partition(b"\r\n\r\n")[2])
        with pytest.raises(IssuerUnavailableError, match="try again"):
            await judge(issuing, Clock()).verify_token(issuing.token())

    assert "/elsewhere" not in issuing.asked
    assert reason in warning(caplog)


def warning(caplog: pytest.LogCaptureFixture) -> str:
    """Return the one warning that was logged, which names the issuer's setting."""
    (line,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert "check GROK_VISION_OAUTH_ISSUER" in line
    return line


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"issuer": "https://evil.example.com"}, "another issuer's"),
        ({"jwks_uri": "http://keys.example.com/"}, "no https address"),
        ({"jwks_uri": "http://localhost.example.com/"}, "no https address"),
        ({"jwks_uri": "https://user@127.0.0.1:1/keys"}, "no https address"),
        ({"jwks_uri": "https://:word@127.0.0.1:1/keys"}, "no https address"),
        ({"jwks_uri": "file:///etc/passwd"}, "something else"),
        ({"jwks_uri": "/keys"}, "something else"),
        ({"jwks_uri": "http://[broken/keys"}, "something else"),
        ({"jwks_uri": "http://127.0.0.1:70000/keys"}, "something else"),
    ],
    ids=repr,
)
async def test_metadata_that_lead_elsewhere_are_not_followed(
    metadata: dict[str, str], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with authorization_server() as issuing:
        issuing.metadata = metadata
        with pytest.raises(IssuerUnavailableError):
            await judge(issuing, Clock()).verify_token(issuing.token())

    assert "/keys" not in issuing.asked
    assert reason in warning(caplog)


async def test_keys_that_are_for_something_else_are_no_keys() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    async with authorization_server() as issuing:
        good = issuing.keys[0]
        private = json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(issuing.key))
        odd = [
            {**good, "use": "enc"},
            {**good, "key_ops": ["encrypt"]},
            {**good, "key_ops": "verify"},
            {**good, "alg": "ES384"},
            {**good, "crv": "P-384"},
            {**good, "crv": ["P-256"]},
            {**good, "x": "AAAA"},
            {**good, "x": 7},
            {**good, "kid": 7},
            {**private, "kid": "one"},
            {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
            {"kty": "EC"},
            jwk(weak, "RS256", kid="weak"),
            "one",
        ]
        verifier = judge(issuing, Clock())
        issuing.keys = odd
        with pytest.raises(IssuerUnavailableError):
            await verifier.verify_token(issuing.token())
        issuing.keys = [*odd, {**good, "alg": "ES256", "key_ops": ["verify"]}]
        verifier = judge(issuing, Clock())
        taken = await verifier.verify_token(issuing.token())

    assert taken is not None


async def test_an_issuer_that_cannot_be_reached_is_answered_503_and_left_alone_for_a_while() -> (
    None
):
    clock = Clock()
    async with authorization_server() as issuing:
        who = Identity(judge(issuing, clock), (), AnyHttpUrl(METADATA_URL))
        issuing.answers["/keys"] = answer(b"", "502 Away")
        async with calling(behind(who)) as client:
            token = issuing.token()
            first = await client.get("/mcp", headers=bearing(token))
            clock.now += 3.5
            again = await client.get("/mcp", headers=bearing(token))
            asked_by_both = issuing.asked.count("/keys")
            del issuing.answers["/keys"]
            clock.now += 6.5
            well = await status(client, token)

    assert [first.status_code, again.status_code, well] == [503, 503, 200]
    assert [first.headers["retry-after"], again.headers["retry-after"]] == ["10", "7"]
    assert "try again" in first.json()["error"]["message"]
    assert asked_by_both == 1


async def test_an_issuer_that_does_not_listen_is_away() -> None:
    async with authorization_server() as issuing:
        verifier, token = judge(issuing, Clock()), issuing.token()
    with pytest.raises(IssuerUnavailableError):
        await verifier.verify_token(token)


async def test_an_issuer_that_never_comes_to_an_end_is_away_when_the_time_is_over() -> None:
    async with authorization_server() as issuing:
        assert issuing.server is not None
        issuing.server.pause = 0.05  # between two bytes: no silence, and ten seconds for all
        with (
            anyio.fail_after(5),
            pytest.raises(IssuerUnavailableError),
        ):
            await judge(issuing, Clock(), deadline=0.2).verify_token(issuing.token())


@pytest.mark.parametrize(
    ("tenant", "place"),
    [
        ("", "/.well-known/oauth-authorization-server"),
        ("", "/.well-known/openid-configuration"),
        ("/a/b", "/.well-known/oauth-authorization-server/a/b"),
        ("/a/b", "/.well-known/openid-configuration/a/b"),
        ("/a/b", "/a/b/.well-known/openid-configuration"),
    ],
)
async def test_metadata_are_found_wherever_issuers_keep_them(tenant: str, place: str) -> None:
    async with authorization_server(AuthorizationServer(tenant, place)) as issuing:
        assert await judge(issuing, Clock()).verify_token(issuing.token())


async def test_metadata_of_another_issuer_at_the_first_place_do_not_hide_ours() -> None:
    second = "/.well-known/openid-configuration"
    async with authorization_server(AuthorizationServer(metadata_at=second)) as issuing:
        other = {"issuer": "https://other.example.com", "jwks_uri": "https://other.example.com/"}
        issuing.answers["/.well-known/oauth-authorization-server"] = document(other)
        assert await judge(issuing, Clock()).verify_token(issuing.token())


async def test_an_issuer_may_write_itself_with_a_slash_at_the_end() -> None:
    async with authorization_server() as issuing:
        slashed = issuing.issuer + "/"
        issuing.metadata = {"issuer": slashed}
        verifier = judge(issuing, Clock())
        taken = await verifier.verify_token(issuing.token(iss=slashed))
        other = await verifier.verify_token(issuing.token())

    assert taken is not None
    assert taken.claims == {"iss": slashed}
    assert other is None


async def test_clients_are_told_where_to_get_a_token_and_web_pages_are_not() -> None:
    path = "/.well-known/oauth-protected-resource/mcp"
    async with both(oauth_scopes=("see",)) as (issuing, client):
        told = await client.get(path, headers={"Origin": "https://evil.example.com"})
        preflight = await client.options(
            path,
            headers={
                "Origin": "https://evil.example.com",
                "Access-Control-Request-Method": "GET",
            },
        )
        beside = (await client.get("/.well-known/oauth-protected-resource")).status_code

    assert told.json() == {
        "resource": PUBLIC_URL,
        "authorization_servers": [issuing.issuer],
        "scopes_supported": ["see"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Grok Vision",
    }
    assert (preflight.status_code, beside) == (405, 401)
    for answered in (told, preflight):
        assert not [name for name in answered.headers if name.startswith("access-control")]


async def test_a_session_is_of_no_use_to_another_user_of_the_same_client(folder: Path) -> None:
    async with authorization_server() as issuing:
        app = create_server(settings_for(folder)).streamable_http_app()
        guarded = behind(known_by(oauth_issuer=issuing.issuer), app)
        async with calling(guarded, headers=TAKEN | LEGACY) as client:
            opened = await client.post("/mcp", json=HELLO, headers=bearing(issuing.token()))
            session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
            told = [
                await client.post(
                    "/mcp",
                    json=asked("ping", {}),
                    headers={**session, **bearing(issuing.token(sub=user))},
                )
                for user in ("ann", "bob")
            ]

    assert [one.status_code for one in told] == [200, 404]


async def test_no_log_ever_holds_a_token_of_an_issuer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with both() as (issuing, client):
        tokens = [
            issuing.token(),
            issuing.token(aud="other"),
            issuing.token(exp=1),
            issuing.token(header={"kid": "unknown"}),
            issuing.token(key=new_key()),
        ]
        for token in tokens:
            await client.get("/mcp", headers=bearing(token))

    told = [record.getMessage() for record in caplog.records]
    parts = {part for token in tokens for part in token.split(".")}
    assert [line for line in told if "oauth-authorization-server" in line]
    assert not [line for line in told if any(part in line for part in parts)]
