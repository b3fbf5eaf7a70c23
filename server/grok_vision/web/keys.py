"""The public keys of an authorization server, and what each is for (RFC 7517)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jwt import PyJWK, PyJWTError
from jwt.algorithms import AllowedPublicKeys
from pydantic import JsonValue

# Reading one takes tens of microseconds; no issuer has more than a handful.
_MOST_KEYS = 100
# By key type and curve (RFC 7518 and RFC 8037). With a secret for both sides (HS256), who can read
# the key could sign.
_ALGORITHMS = {
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}

ALGORITHMS = frozenset().union(*_ALGORITHMS.values())
"""The algorithms that are taken: those whose verifier cannot sign."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies what `issuer` signed with one of the `algorithms`."""

    name: str | None
    algorithms: frozenset[str]
    issuer: str
    value: AllowedPublicKeys


def public_keys(entries: Iterable[JsonValue], issuer: str) -> tuple[PublicKey, ...]:
    """Return the keys that can be used; others are left out, as RFC 7517, section 5 asks."""
    jwks = [entry for entry in entries if isinstance(entry, dict)][:_MOST_KEYS]
    found = (_public_key(jwk, issuer) for jwk in jwks)
    return tuple(key for key in found if key is not None)


def _public_key(jwk: Mapping[str, JsonValue], issuer: str) -> PublicKey | None:
    algorithms = _algorithms(jwk)
    name = jwk.get("kid")
    if not algorithms or not _is_for_signatures(jwk) or not isinstance(name, str | None):
        return None
    try:
        parsed = PyJWK(dict(jwk), min(algorithms))
    except PyJWTError:
        return None
    # Of fewer bits than the algorithm asks for.
    if parsed.Algorithm.check_key_length(parsed.key):
        return None
    return PublicKey(name, algorithms, issuer, parsed.key)


def _is_for_signatures(jwk: Mapping[str, JsonValue]) -> bool:
    uses = jwk.get("key_ops", ["verify"])
    is_meant = jwk.get("use", "sig") == "sig" and isinstance(uses, list) and "verify" in uses
    # One that is published with its private part is everybody's.
    return is_meant and "d" not in jwk


def _algorithms(jwk: Mapping[str, JsonValue]) -> frozenset[str]:
    kind, curve, only = (jwk.get(part) for part in ("kty", "crv", "alg"))
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return frozenset()
    possible = _ALGORITHMS.get((kind, curve), frozenset())
    return possible if only is None else frozenset(name for name in possible if name == only)
