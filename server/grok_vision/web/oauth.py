"""JSON Web Tokens that an authorization server issued, judged by its keys (RFC 9068)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import jwt
from mcp.server.auth.provider import AccessToken, TokenVerifier
from pydantic import JsonValue

from grok_vision.web.issuer import Issuer
from grok_vision.web.keys import ALGORITHMS, PublicKey

# Of tokens that say what they are (RFC 8725, section 3.11); many issuers write plain `JWT`.
_KINDS = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
# Seconds that the clocks of issuers may go before ours. The end of a token is kept to the second.
_AHEAD = 30.0
# `client_id` is RFC 9068's, `azp` OpenID Connect's, `appid` and `cid` those of two large issuers.
_CLIENT = ("client_id", "azp", "appid", "cid", "sub")


class IssuedTokens(TokenVerifier):
    """Takes tokens that `issuer` signed, for `audience`, for now.

    Who they are for is compared as it is written; of an address, a last slash does not count.
    """

    def __init__(self, issuer: Issuer, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._spellings = [audience]
        if urlsplit(audience).scheme in {"http", "https"}:
            self._spellings = [audience.rstrip("/"), audience.rstrip("/") + "/"]

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose token it is, None where it is not to be taken.

        Raises:
            IssuerUnavailableError: the issuer's keys are needed and cannot be read.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return None
        name, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not _is_access(header):
            return None
        key = await self._issuer.key(name, algorithm)
        return None if key is None else self._judged(token, key, algorithm)

    def _judged(self, token: str, key: PublicKey, algorithm: str) -> AccessToken | None:
        try:
            claims = jwt.decode(
                token,
                key.value,
                algorithms=[algorithm],
                issuer=key.issuer,
                audience=self._spellings,
                leeway=_AHEAD,
                options={"require": ["iss", "aud", "exp"]},
            )
        except jwt.PyJWTError:
            return None
        client = next((one for one in map(claims.get, _CLIENT) if one and isinstance(one, str)), "")
        subject = claims.get("sub")
        if not client:
            return None
        # The SDK holds `expires_at` against the clock, and knows sessions by client, issuer and
        # subject. The token itself stays out: what is not there is neither logged nor passed on.
        return AccessToken(
            token="",
            client_id=client,
            scopes=_scopes(claims),
            expires_at=int(claims["exp"]),
            resource=self._audience,
            subject=subject if isinstance(subject, str) else None,
            claims={"iss": key.issuer},
        )


def _is_access(header: Mapping[str, JsonValue]) -> bool:
    kind = header.get("typ", "")
    return isinstance(kind, str) and kind.lower() in _KINDS


def _scopes(claims: Mapping[str, JsonValue]) -> list[str]:
    """Return the scopes: `scope` is RFC 9068's, `scp` that of large issuers, a text or a list."""
    found: list[str] = []
    for told in (claims.get("scope"), claims.get("scp")):
        words = told.split() if isinstance(told, str) else told
        if isinstance(words, list):
            found += [word for word in words if isinstance(word, str)]
    return found
