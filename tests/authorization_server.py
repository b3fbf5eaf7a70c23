"""A stand-in of an authorization server: keys of its own, metadata, and tokens that it signs."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from tests.loopback import Server, answer, serving

PUBLIC_URL = "https://vision.example.com/mcp"
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

_CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


def new_key(algorithm: str = "ES256") -> PrivateKey:
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm])
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


def jwk(key: PrivateKey, algorithm: str = "ES256", **more: Any) -> dict[str, Any]:
    """Return the public key as issuers publish it."""
    told = get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    return {**told, "use": "sig", **more}


def document(content: object, status: str = "200 OK", headers: str = "") -> bytes:
    return answer(json.dumps(content).encode(), status, headers)


def unsigned(header: object, claims: object) -> str:
    """Return a token with an empty signature."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join([*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


@dataclass
class AuthorizationServer:
    """Answers at a loopback address; `answers` replaces what it says at a path."""

    tenant: str = ""
    metadata_at: str = "/.well-known/oauth-authorization-server"
    keys: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    key: PrivateKey = field(default_factory=new_key)
    server: Server | None = None

    def __post_init__(self) -> None:
        self.keys = self.keys or [jwk(self.key, kid="one")]

    @property
    def origin(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def issuer(self) -> str:
        return self.origin + self.tenant

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        assert self.server is not None
        return [head.split()[1] for head in self.server.heads]

    @property
    def heads(self) -> list[str]:
        assert self.server is not None
        return self.server.heads

    def respond(self, path: str) -> bytes:
        if path in self.answers:
            return self.answers[path]
        if path == self.metadata_at:
            told = {"issuer": self.issuer, "jwks_uri": f"{self.origin}/keys"}
            return document({**told, **self.metadata})
        if path == "/keys":
            return document({"keys": self.keys})
        return answer(b"<p>Not here", "404 Not Found")

    def claims(self, **given: Any) -> dict[str, Any]:
        """Return the claims of a good token; None leaves one out."""
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": PUBLIC_URL,
            "sub": "ann",
            "client_id": "editor",
            "iat": now,
            "exp": now + 300,
        }
        return {name: told for name, told in {**usual, **given}.items() if told is not None}

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "ES256",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Return a token, signed by the key `one` unless told otherwise."""
        headers = {"kid": "one", "typ": "at+jwt", **(header or {})}
        headers = {name: told for name, told in headers.items() if told is not None}
        return jwt.encode(self.claims(**claims), key or self.key, algorithm, headers)


@asynccontextmanager
async def authorization_server(
    server: AuthorizationServer | None = None,
) -> AsyncIterator[AuthorizationServer]:
    """Serve it on the loopback."""
    server = server or AuthorizationServer()
    async with serving(server.respond) as server.server:
        yield server
