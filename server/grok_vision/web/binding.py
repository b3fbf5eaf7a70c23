"""Where the server listens, and by which names it may be reached there."""

import errno
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings, is_this_machine

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT, _HTTPS_PORT = 80, 443


@dataclass(frozen=True, slots=True)
class Binding:
    """An address that is listened at.

    Attributes:
        shown: Where it listens, as in a URL: `127.0.0.1:8000`.
        address: How clients reach it, up to the path: `http://127.0.0.1:8000`.
        public: Whether others than this machine are meant to reach it.
        names: What a Host header may say, in small letters.
        origins: What an Origin header may say, in small letters.
    """

    host: str
    port: int
    socket: socket.socket
    shown: str
    address: str
    public: bool
    names: tuple[str, ...]
    origins: tuple[str, ...]


def bind(settings: Settings, host: str, port: int) -> Binding:
    """Listen at the address; port 0 takes a free one.

    Raises:
        ConfigurationError: `bad_setting`, the address cannot be had, or it must not be served as
            the settings are.
    """
    family, found = _resolved(host, port)
    public = not ipaddress.ip_address(found.partition("%")[0]).is_loopback
    _check(settings, host, elsewhere=public)
    listener = _listening(family, host, found, port)
    taken: int = listener.getsockname()[1]
    shown = f"[{found}]" if family == socket.AF_INET6 else found
    given = tuple(name.lower() for name in settings.public_host)
    own = tuple(_own_names("" if public else shown.lower(), taken))
    named = tuple(_public_names(given, taken))
    return Binding(
        host=found,
        port=taken,
        socket=listener,
        shown=f"{shown}:{taken}",
        address=_public_address(given[0]) if given else f"http://{shown}:{taken}",
        public=public or bool(given),
        names=tuple(dict.fromkeys((*own, *named))),
        origins=(
            *(f"http://{name}" for name in own),
            *(f"{scheme}://{name}" for name in named for scheme in ("http", "https")),
            *(origin.lower() for origin in settings.allowed_origins),
        ),
    )


def _check(settings: Settings, host: str, *, elsewhere: bool) -> None:
    """Refuse to serve others without knowing who they are and how they call the server."""
    known = bool(settings.auth_token) or settings.oauth_issuer is not None
    lacking = []
    if not known:
        lacking.append(
            "a token that they must send (GROK_VISION_AUTH_TOKEN or --generate-token, or "
            "GROK_VISION_OAUTH_ISSUER)"
        )
    if elsewhere and not settings.public_host:
        lacking.append("the name by which they reach it (GROK_VISION_PUBLIC_HOST)")
    if not lacking or not (elsewhere or settings.public_host):
        return
    where = f"--host {host}" if elsewhere else "GROK_VISION_PUBLIC_HOST"
    raise _bad_setting(
        f"{where} lets others than this machine reach the server. It needs "
        f"{' and '.join(lacking)}; set what is missing, or serve this machine only"
        + (" with --host 127.0.0.1." if elsewhere else ".")
    )


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    """Return the address of the name, of IPv4 where there are both."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        raise _bad_setting(
            f"--host {host} is no address or name that is known here; correct it."
        ) from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(address[0])


def _listening(family: socket.AddressFamily, host: str, address: str, port: int) -> socket.socket:
    both = address == "::" and socket.has_dualstack_ipv6()
    try:
        listener = socket.create_server((address, port), family=family, dualstack_ipv6=both)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "is in use by another program; choose another with --port",
            errno.EACCES: "is kept for administrators; choose one above 1023 with --port",
            errno.EADDRNOTAVAIL: "cannot be had: the address is none of this machine; "
            "correct --host",
        }.get(error.errno or 0, f"cannot be had ({error.strerror}); choose others")
        raise _bad_setting(f"Port {port} of {host} {reason}.") from None
    # asyncio sets it where the protocol of a socket is told, which it is not here. Without it an
    # answer on an open connection waits 40 ms for the client's word that its head has arrived.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _own_names(bound: str, port: int) -> Iterator[str]:
    """Yield what a Host header of this machine may say."""
    for name in dict.fromkeys((bound, *_LOOPBACK_NAMES)):
        if name:
            yield f"{name}:{port}"
            if port == _HTTP_PORT:
                yield name


def _public_names(names: tuple[str, ...], port: int) -> Iterator[str]:
    """Yield what a Host header of others may say, passed on by a proxy or not."""
    for name in names:
        yield name
        bare = name[: name.index("]") + 1] if name.startswith("[") else name.partition(":")[0]
        if name == bare:
            yield from (f"{name}:{one}" for one in (port, _HTTP_PORT, _HTTPS_PORT))
        else:
            yield bare


def _public_address(name: str) -> str:
    """Return where others reach it: this server speaks no TLS, but a proxy in front of it does."""
    return f"http://{name}" if is_this_machine(f"http://{name}") else f"https://{name}"


def _bad_setting(message: str) -> ConfigurationError:
    return ConfigurationError("bad_setting", message)
