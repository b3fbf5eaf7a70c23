"""Judging the URL of a picture that xAI would fetch: from its own network, so a public one."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from tests.fake_xai.response import invalid_image

_OTHER_FORMATS = re.compile(r"\.(avif|bmp|gif|hei[cf]|ico|pdf|svg|tiff?|webp)$", re.IGNORECASE)
_LOCAL = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


def check_link(url: str) -> None:
    """Refuse what xAI cannot fetch, or what only some providers read."""
    parts = urlsplit(url)
    if not url.isascii() or not url.isprintable() or " " in url:
        raise invalid_image("stand-in: a URL goes percent-encoded")
    if "@" in parts.netloc or "#" in url:
        raise invalid_image("stand-in: a URL goes without user and fragment")
    if not _is_public(parts):
        raise invalid_image("stand-in: a URL must lead to a public host")
    if _OTHER_FORMATS.search(unquote(parts.path)):
        raise invalid_image("stand-in: send JPEG or PNG")


def _is_public(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_LOCAL)
