"""Host names, and the rules by which settings open hosts that are otherwise refused."""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Self

import idna

from grok_vision.images.addresses import IPAddress, IPNetwork, is_metadata

_LABEL = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}")
# What inet_aton and browsers read as a number: such a host is an address, never a name.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")

# Names that only a local network or this machine answers for.
_LOCAL_SUFFIXES = (
    ".localhost",  # RFC 6761
    ".local",  # RFC 6762; Kubernetes' cluster.local too
    ".internal",  # reserved by ICANN in 2024; the clouds' metadata names
    ".home.arpa",  # RFC 8375
    ".localdomain",
    ".intranet",
    ".private",
    ".corp",
    ".home",
    ".lan",
)


def canonical_host(text: str) -> str:
    """Brings a host into the one spelling that is judged, looked up and sent.

    Raises:
        ValueError: the text is no host; the sentence does not repeat it.
    """
    if text.startswith("["):
        return _ipv6_literal(text)
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("the host is not a valid name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        return _ipv4_literal(name)
    return name


def literal_address(host: str) -> IPAddress | None:
    """Reads the address in a canonical host, in its plain form; None where it is a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return plain(address)


def plain(address: IPAddress) -> IPAddress:
    """Unwraps an IPv4-mapped address, so that each address is judged in one form."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_local_name(host: str) -> bool:
    """Says whether a name is one that only a local network or this machine answers for."""
    if literal_address(host) is not None:
        return False
    return "." not in host or host.endswith(_LOCAL_SUFFIXES)


def bracketed(host: str) -> str:
    """Writes a host as it stands in a URL or in a rule with a port."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class HostRule:
    """One word of `GROK_VISION_ALLOW_HOSTS`: a host that may be fetched although it is not public.

    `localhost:3000` opens that name on that port, whatever it resolves to. `localhost` opens its
    ports 80 and 443 and every other port that a URL names. `*.lan` opens the names below a suffix,
    not the suffix itself. `10.0.0.0/8`, `10.1.2.3`, `10.1.2.3:8080`, `[fd12::1]:8080` open
    addresses, whatever the name that leads there. Addresses where clouds serve credentials stay
    shut unless the rule is that very address.
    """

    name: str = ""
    """A host, or a suffix that starts with a dot; empty where the rule is of addresses."""
    network: IPNetwork | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads one rule.

        Raises:
            ValueError: the text is no rule; the sentence says why.
        """
        if "%" in text:
            raise ValueError(f"{text!r} has a percent sign or a zone; write the plain host")
        if "/" in text:
            return cls(network=_cidr(text))
        if text.count(":") > 1 and not text.startswith("["):
            text = f"[{text}]"  # an IPv6 address without a port needs no brackets
        match = _HOST_AND_PORT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a host, host:port, *.suffix or network")
        port = _port(text, match["port"])
        wild = match["host"].startswith("*.")
        try:
            host = canonical_host(match["host"].removeprefix("*."))
        except ValueError as error:
            raise ValueError(f"{text!r} is not a rule: {error}") from None
        address = literal_address(host)
        if address is None:
            return cls(name=f".{host}" if wild else host, port=port)
        if wild:
            raise ValueError(f"{text!r} puts a star before an address; write a network, 10.0.0.0/8")
        return cls(network=ipaddress.ip_network(address), port=port)

    def may_open(self, host: str, port: int) -> bool:
        """Says whether the rule could open a host, before its addresses are known."""
        return self.port in (None, port) and (self.network is not None or self._names(host))

    def opens(self, host: str, port: int, address: IPAddress) -> bool:
        """Says whether the rule opens this address of a host."""
        if not self.may_open(host, port):
            return False
        if self.network is None:
            return not is_metadata(address)
        exact = self.network.num_addresses == 1
        return address in self.network and (exact or not is_metadata(address))

    def _names(self, host: str) -> bool:
        if self.name.startswith("."):
            return host.endswith(self.name)
        return host == self.name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError("the host is not a valid international name (IDNA 2008)") from None


def _ipv4_literal(name: str) -> str:
    try:
        return str(IPv4Address(name))
    except ValueError:
        raise ValueError(
            "the host is a number in disguise; write an address as four decimal numbers"
        ) from None


def _ipv6_literal(text: str) -> str:
    # A zone would choose the network interface: no public address needs one.
    if not text.endswith("]") or "%" in text:
        raise ValueError("the host is not an IPv6 address without a zone")
    try:
        return str(IPv6Address(text[1:-1]))
    except ValueError:
        raise ValueError("the host is not a valid IPv6 address") from None


def _cidr(text: str) -> IPNetwork:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a network; write it as 10.0.0.0/8, without scheme, port or path"
        ) from None


def _port(text: str, digits: str | None) -> int | None:
    if digits is None:
        return None
    if not 1 <= int(digits) <= 65_535:
        raise ValueError(f"{text!r} has no valid port: 1 to 65535")
    return int(digits)
