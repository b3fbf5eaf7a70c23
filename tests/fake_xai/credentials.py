"""The key, and the endpoint that describes it."""

from typing import Any

from httpx2 import Headers

from tests.fake_xai.response import flat, invalid_argument


def check_key(headers: Headers, key: str) -> None:
    """Refuse a missing key with 401 and a wrong one with 400."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise flat(401, "unauthenticated:no-credentials", "No credentials were provided.")
    if given != key:
        # xAI echoes both ends of the key. A client that relays this text leaks them.
        raise invalid_argument(
            f"Incorrect API key provided: {redacted(given)}. "
            "You can obtain an API key from https://console.x.ai."
        )


def redacted(key: str) -> str:
    """The two ends of a key."""
    return f"{key[:2]}***{key[-2:]}"


def describe_key(key: str) -> dict[str, Any]:
    """The body of GET /v1/api-key."""
    return {
        "redacted_api_key": redacted(key),
        "user_id": "00000000-0000-0000-0000-000000000001",
        "name": "stand-in",
        "create_time": "2026-01-01T00:00:00Z",
        "modify_time": "2026-01-01T00:00:00Z",
        "modified_by": "00000000-0000-0000-0000-000000000001",
        "team_id": "00000000-0000-0000-0000-000000000002",
        "acls": ["api-key:model:*", "api-key:endpoint:*"],
        "api_key_id": "00000000-0000-0000-0000-000000000003",
        "team_blocked": False,
        "api_key_blocked": False,
        "api_key_disabled": False,
    }
