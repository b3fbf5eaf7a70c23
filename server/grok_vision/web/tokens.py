"""Tokens that the operator made: who sends one of them may call."""

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256

from mcp.server.auth.provider import AccessToken, TokenVerifier
from pydantic import SecretStr

# Of 256 bits: nobody guesses it.
_BYTES = 32
_NAME_LENGTH = 8


def generated_token() -> SecretStr:
    """Return a new token that nobody can guess."""
    return SecretStr(secrets.token_urlsafe(_BYTES))


class StaticTokens(TokenVerifier):
    """Takes the tokens of the settings; each is a client of its own, with all `scopes`.

    Digests are compared, each with all of them, so that the time tells nothing of a token.
    """

    def __init__(self, tokens: Sequence[SecretStr], scopes: Sequence[str] = ()) -> None:
        self._digests = tuple(_digest(token.get_secret_value()) for token in tokens)
        self._scopes = tuple(scopes)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose token it is, None where it is nobody's."""
        asked = _digest(token)
        is_known = [hmac.compare_digest(digest, asked) for digest in self._digests]
        if not any(is_known):
            return None
        # Without the token itself: what is not there is neither logged nor passed on.
        name = f"token-{asked.hex()[:_NAME_LENGTH]}"
        # The name is for people; what is kept for a token rests on all of its digest.
        return AccessToken(token="", client_id=name, subject=asked.hex(), scopes=list(self._scopes))


class FirstKnown(TokenVerifier):
    """Asks verifiers in turn; the first that knows the token decides."""

    def __init__(self, *verifiers: TokenVerifier) -> None:
        self._verifiers = verifiers

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose token it is, None where no verifier knows it."""
        for verifier in self._verifiers:
            if (known := await verifier.verify_token(token)) is not None:
                return known
        return None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
