"""Which IP addresses may be dialled: the table, each line with its reason.

`ipaddress.is_global` and `is_private` are not used: their answers differ between Python releases,
and both take some translated forms of loopback for public. The sources are IANA's IPv4 and IPv6
special-purpose registries (RFC 6890) and the documents named beside each line.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_REFUSED_IPV4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host (RFC 791)"),
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("100.64.0.0/10", "shared by a carrier's customers (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("168.63.129.16/32", "the platform service of Azure"),  # public by number, not by reach
        ("169.254.0.0/16", "link-local (RFC 3927)"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        (
            "192.0.0.0/24",
            "reserved for protocols (RFC 6890)",
        ),  # its anycast hosts serve no pictures
        ("192.0.2.0/24", "for documentation (RFC 5737)"),
        ("192.31.196.0/24", "a sink for stray lookups (AS112, RFC 7535)"),  # may be run locally
        ("192.52.193.0/24", "a multicast relay (AMT, RFC 7450)"),  # may be run locally
        ("192.88.99.0/24", "a retired 6to4 relay (RFC 7526)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("192.175.48.0/24", "a sink for stray lookups (AS112, RFC 7534)"),  # may be run locally
        ("198.18.0.0/15", "for benchmarks (RFC 2544)"),
        ("198.51.100.0/24", "for documentation (RFC 5737)"),
        ("203.0.113.0/24", "for documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("240.0.0.0/4", "reserved or broadcast (RFC 1112)"),
    )
)

_REFUSED_IPV6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::1/128", "loopback (RFC 4291)"),
        ("::/96", "unspecified or IPv4-compatible (RFC 4291)"),
        ("::ffff:0:0:0/96", "an IPv4-translated form (RFC 2765)"),
        ("64:ff9b:1::/48", "a local translation (RFC 8215)"),
        ("100::/64", "a black hole (RFC 6666)"),
        ("2001::/23", "reserved for protocols, Teredo among them (RFC 2928)"),
        ("2001:db8::/32", "for documentation (RFC 3849)"),
        ("2002::/16", "a retired 6to4 form (RFC 7526)"),
        ("2620:4f:8000::/48", "a sink for stray lookups (AS112, RFC 7534)"),
        ("3ffe::/16", "the retired 6bone (RFC 3701)"),
        ("3fff::/20", "for documentation (RFC 9637)"),
        ("5f00::/16", "for segment routing (RFC 9602)"),
        ("fc00::/7", "private (RFC 4193)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has ever given out (RFC 4291)

_MAPPED = IPv6Network("::ffff:0:0/96")  # RFC 4291
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; what an IPv6-only network makes of the IPv4 world
_TRANSPARENT = (_MAPPED, _NAT64)  # as good as the IPv4 address within

_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")  # RFC 8215
_TEREDO = IPv6Network("2001::/32")  # RFC 4380

# Where an IPv4 address lies within: its network, and the number of bits behind it.
_CARRIERS = (
    (_MAPPED, 0),
    (_NAT64, 0),
    (_LOCAL_NAT64, 0),
    (IPv6Network("::/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("2002::/16"), 80),
    (_TEREDO, 64),  # the relay's address; the client's is hidden below
)

# Where clouds hand out credentials. A name or a network in the settings never opens these.
_METADATA: tuple[IPNetwork, ...] = (
    IPv4Network(
        "169.254.0.0/16"
    ),  # all clouds: .169.254; AWS also .170.2 and .170.23, Tencent .0.23
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure WireServer
    IPv4Network("192.0.0.192/32"),  # Oracle, classic
    IPv6Network("fd00:ec2::/32"),  # AWS
    IPv6Network("fd20:ce::/32"),  # Google
    IPv6Network("fd00:c1::a9fe:a9fe/128"),  # Oracle
    IPv6Network("fd00:42::42/128"),  # Scaleway
    IPv6Network("fe80::a9fe:a9fe/128"),  # OpenStack
)
# The same IPv4 hosts one by one: few enough to be looked for in every IPv6 address, since an
# operator's own NAT64 prefix cannot be told from any other (RFC 6052, section 2.2).
_METADATA_IPV4 = frozenset(
    map(
        IPv4Address,
        (
            "169.254.169.254",
            "169.254.170.2",  # AWS ECS
            "169.254.170.23",  # AWS EKS
            "169.254.0.23",  # Tencent
            "169.254.42.42",  # Scaleway
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
        ),
    )
)
_NAT64_LENGTHS = (32, 40, 48, 56, 64)  # and 96, which has no gap


def obstacle(address: IPAddress) -> str | None:
    """Says why an address may not be dialled, to follow "which is"; None where it may."""
    if isinstance(address, IPv4Address):
        return _reason(address, _REFUSED_IPV4)
    for inner in carried_ipv4(address):
        if reason := obstacle(inner):
            named = _reason(address, _REFUSED_IPV6)
            return named or f"a form of {inner}, which is {reason}"
    if any(address in network for network in _TRANSPARENT):
        return None
    if reason := _reason(address, _REFUSED_IPV6):
        return reason
    return None if address in _GLOBAL_UNICAST else "outside global unicast (RFC 4291)"


def is_metadata(address: IPAddress) -> bool:
    """Says whether a cloud serves credentials there, whatever form the address is written in."""
    forms = (address, *carried_ipv4(address))
    if any(form in network for form in forms for network in _METADATA):
        return True
    return isinstance(address, IPv6Address) and not _METADATA_IPV4.isdisjoint(
        _behind_any_prefix(int(address))
    )


def carried_ipv4(address: IPAddress) -> tuple[IPv4Address, ...]:
    """Finds the IPv4 addresses within an IPv6 address, by every form that may be routed."""
    if isinstance(address, IPv4Address):
        return ()
    bits = int(address)
    found = [bits >> behind for network, behind in _CARRIERS if address in network]
    if address in _TEREDO:
        found.append(~bits)  # the client's address is stored inverted
    if address in _LOCAL_NAT64:
        found.extend(_translated(bits, prefix) for prefix in (48, 56, 64))
    if (bits >> 32) & 0xFCFF_FFFF == 0x0000_5EFE:  # ISATAP (RFC 5214), both flag bits ignored
        found.append(bits)
    return tuple(IPv4Address(number & 0xFFFF_FFFF) for number in found)


def _behind_any_prefix(bits: int) -> Iterator[IPv4Address]:
    """Reads what would be the IPv4 address if the beginning were a prefix of a NAT64."""
    for number in (bits, *(_translated(bits, prefix) for prefix in _NAT64_LENGTHS)):
        yield IPv4Address(number & 0xFFFF_FFFF)


def _translated(bits: int, prefix: int) -> int:
    """Reads the IPv4 address behind a prefix of this length (RFC 6052): bits 64 to 71 are a gap."""
    without_gap = (bits >> 64) << 56 | bits & (1 << 56) - 1
    return without_gap >> (120 - prefix - 32)


def _reason(
    address: IPAddress,
    table: tuple[tuple[IPv4Network, str], ...] | tuple[tuple[IPv6Network, str], ...],
) -> str | None:
    return next((reason for network, reason in table if address in network), None)
