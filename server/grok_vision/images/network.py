"""The address policy: which URLs may be fetched, and which of their addresses dialled.

Pure: no lookup and no connection is made here. A URL becomes a `Target`; once its host has been
looked up, `check_address` judges every answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urljoin

from grok_vision.errors import SourceCode, SourceError
from grok_vision.images.addresses import IPAddress, is_metadata, obstacle
from grok_vision.images.hosts import (
    HostRule,
    bracketed,
    canonical_host,
    is_local_name,
    literal_address,
)

__all__ = [
    "HostRule",
    "Target",
    "check_address",
    "follow_redirect",
    "parse_target",
]

Scheme = Literal["http", "https"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OPEN_PORTS = frozenset(_DEFAULT_PORTS.values())
MAX_URL_CHARS = 16_384  # signed URLs have about 2,000; httpx2 itself stops at 65,536

# RFC 3986, appendix B, for a URL that must have a scheme and an authority.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>[0-9]{0,5}))?")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed http(s) URL: what is asked for, and of whom."""

    scheme: Scheme
    host: str
    """A name in ASCII, or an address; an IPv6 address stands without brackets."""
    port: int
    resource: str = field(repr=False)
    """Path and query. Kept out of the representation: a query may be a password."""

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = bracketed(self.host)
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.resource}"

    @property
    def address(self) -> IPAddress | None:
        """The address that is the host; None where the host is a name."""
        return literal_address(self.host)

    def dialled_at(self, address: IPAddress) -> str:
        """The URL with the host replaced by one of its addresses."""
        host = bracketed(str(address))
        return f"{self.scheme}://{host}:{self.port}{self.resource}"


def parse_target(url: str, rules: Sequence[HostRule] = ()) -> Target:
    """Parses a URL and refuses whatever can be refused before its host is looked up.

    Raises:
        SourceError: `bad_source` where it is no http(s) URL, `blocked_address` where policy is
            against it. The message names the host at most.
    """
    match = _match(url)
    scheme = cast("Scheme", match["scheme"].lower())
    host, port = _host_and_port(match["authority"], _DEFAULT_PORTS[scheme])
    resource = (match["path"] or "/") + (match["query"] or "")
    target = Target(scheme, host, port, resource)
    if not any(rule.may_open(host, port) for rule in rules):
        _check_name_and_port(target)
    if target.address is not None:
        check_address(target, target.address, rules)
    return target


def follow_redirect(target: Target, location: str, rules: Sequence[HostRule] = ()) -> Target:
    """Parses where a redirect points, by the same policy as the URL that came first.

    Raises:
        SourceError: as `parse_target`; `fetch_failed` where it would leave https for http.
    """
    # A reference with a scheme stands for itself (RFC 3986 §5.2, strict). `urljoin` would drop
    # some of the characters that `parse_target` refuses, so such a one is handed on as it is.
    if not (_ABSOLUTE.match(location) or _is_awkward(location)):
        location = urljoin(target.url, location)
    try:
        following = parse_target(location, rules)
    except SourceError as error:
        code = cast("SourceCode", error.code)
        raise SourceError(code, f"it redirects, and {error.message}") from error
    if (target.scheme, following.scheme) == ("https", "http"):
        raise SourceError(
            "fetch_failed",
            f"the host {target.host} redirects from https to unprotected http, which is not "
            "followed; give the URL of the picture itself.",
        )
    return following


def check_address(target: Target, address: IPAddress, rules: Sequence[HostRule] = ()) -> None:
    """Refuses an address that a target's host has and that must not be dialled.

    Raises:
        SourceError: `blocked_address`.
    """
    if any(rule.opens(target.host, target.port, address) for rule in rules):
        return
    if is_metadata(address):
        raise SourceError(
            "blocked_address",
            f"{_subject(target, address)}, where clouds serve credentials; it is never fetched.",
        )
    if reason := obstacle(address):
        raise _blocked(target, f"{_subject(target, address)}, which is {reason}")
    _check_name_and_port(target)


def _match(url: str) -> re.Match[str]:
    if len(url) > MAX_URL_CHARS:
        raise SourceError("bad_source", f"the URL is longer than {MAX_URL_CHARS} characters.")
    if _is_awkward(url):
        raise SourceError(
            "bad_source",
            "the URL holds a space, a backslash or an invisible character; percent-encode it.",
        )
    match = _URL.fullmatch(url)
    if match is None or match["scheme"].lower() not in _DEFAULT_PORTS:
        raise SourceError(
            "bad_source", "only URLs that start with http:// or https:// are fetched."
        )
    return match


def _is_awkward(url: str) -> bool:
    """Finds the characters that parsers disagree about: most known bypasses live in that gap."""
    return not url.isprintable() or " " in url or "\\" in url


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise SourceError(
            "bad_source",
            "the URL holds a user name or password, which is never sent; "
            "download the file and pass its path.",
        )
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise SourceError("bad_source", "the URL has no valid host and port; check it.")
    port = int(match["port"] or default_port)
    if not 1 <= port <= 65_535:
        raise SourceError("bad_source", "the port of the URL is not between 1 and 65535; check it.")
    try:
        return canonical_host(match["host"]), port
    except ValueError as error:
        raise SourceError("bad_source", f"{error}; check the URL.") from None


def _check_name_and_port(target: Target) -> None:
    if is_local_name(target.host):
        raise _blocked(target, f"the host {target.host} is a name of a local network")
    if target.port not in _OPEN_PORTS:
        raise _blocked(
            target, f"the port {target.port} of {bracketed(target.host)} is neither 80 nor 443"
        )


def _subject(target: Target, address: IPAddress) -> str:
    if target.address is not None:
        return f"the host is the address {target.host}"
    return f"the host {target.host} resolves to {address}"


def _blocked(target: Target, fault: str) -> SourceError:
    rule = f"{bracketed(target.host)}:{target.port}"
    return SourceError(
        "blocked_address", f"{fault}; set GROK_VISION_ALLOW_HOSTS={rule} to allow it."
    )
