"""Two guards of other people, asked about the same addresses: each difference has its row.

The tables of ssrfguard and pydantic-ai were written independently of ours. Where a verdict differs,
a row below says why ours stands; a difference without a row fails, and so does a row that nothing
falls into. What IANA lists as not globally reachable is never allowed, whoever else allows it.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from random import Random

import pytest
from pydantic_ai import _ssrf
from ssrfguard import DEFAULT_DENIED

from grok_vision.images import addresses
from grok_vision.images.hosts import plain

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

SEED = 20261121
DATA = Path(__file__).parent / "data"

METADATA = [IPv4Address(f"169.254.{rest}") for rest in ("169.254", "170.2", "170.23", "0.23")]
METADATA += [IPv4Address(text) for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192")]


def allowed(address: IPAddress) -> bool:
    """Our own verdict, of both questions that a fetch asks."""
    return addresses.obstacle(address) is None and not addresses.is_metadata(address)


GUARDS: dict[str, Callable[[IPAddress], bool]] = {
    "ssrfguard": lambda address: not DEFAULT_DENIED.classify(address).blocked,
    "pydantic-ai": lambda address: (
        not (_ssrf.is_private_ip(str(address)) or _ssrf.is_cloud_metadata_ip(str(address)))
    ),
}


@dataclass(frozen=True)
class Sample:
    """An address, and where it was made around an IPv4 address, that one and by which form."""

    address: IPAddress
    form: str = ""
    inner: IPv4Address | None = None


@dataclass(frozen=True)
class Difference:
    """Where we refuse and others do not.

    It covers what lies in its networks, by itself or within; or what has its form around an IPv4
    address that we refuse.
    """

    where: str
    guards: tuple[str, ...]
    why: str

    def covers(self, sample: Sample) -> bool:
        if sample.form == self.where:
            return sample.inner is not None and not allowed(sample.inner)
        if self.where == OUTSIDE:
            return sample.address not in GLOBAL_UNICAST
        found = (sample.address, sample.inner)
        return any(one in network for one in found if one for network in self.networks)

    @cached_property
    def networks(self) -> list[IPNetwork]:
        return [ip_network(word) for word in self.where.split() if "/" in word]


GLOBAL_UNICAST = ip_network("2000::/3")
OUTSIDE = "outside global unicast"
BOTH = ("pydantic-ai", "ssrfguard")

# The first that covers a sample counts, so the narrow ones stand before the wide ones.
DIFFERENCES = (
    Difference(
        "ISATAP",
        BOTH,
        "ssrfguard does not look within; pydantic-ai only where the group bit is clear. The "
        "interface of a router of the local network (RFC 5214) decides where the IPv4 address "
        "within leads, and it need not look at that bit.",
    ),
    Difference(
        "operator's NAT64",
        ("ssrfguard",),
        "it looks within the well-known prefix only. A network may translate by any prefix of its "
        "own (RFC 6052, section 2.2), so hosts with credentials are looked for in all places.",
    ),
    Difference(
        "::/96",
        BOTH,
        "they judge the IPv4 address within. Deprecated (RFC 4291, section 2.5.5.1): nobody has "
        "such an address, so a name that resolves to one is up to something.",
    ),
    Difference(
        "::ffff:0:0:0/96",
        ("ssrfguard",),
        "not in its table. Obsolete (RFC 2765, replaced by RFC 7915); it leads to the IPv4 address "
        "within wherever a translator still knows it, and lies outside global unicast.",
    ),
    Difference(
        "64:ff9b:1::/48",
        ("pydantic-ai",),
        "it judges the IPv4 addresses within. IANA: not globally reachable (RFC 8215); where in it "
        "the IPv4 address lies is the operator's choice.",
    ),
    Difference(
        "2001::/32",
        ("ssrfguard",),
        "it judges the two IPv4 addresses within. Teredo (RFC 4380) is a tunnel through a relay "
        "that a stranger chose; IANA does not call it globally reachable (RFC 8190).",
    ),
    Difference(
        "2001::/23",
        BOTH,
        "ssrfguard allows the parts that IANA lists as reachable, pydantic-ai all but Teredo and "
        "benchmarks. Of protocols (RFC 2928): anycast of the nearest router (RFC 7723, 8155, "
        "9665), identifiers that are not routed (RFC 7343, 9374), AMT and AS112. No web hosts.",
    ),
    Difference(
        "2002::/16",
        BOTH,
        "they judge the IPv4 address within. 6to4's relays are retired (RFC 7526), so only a relay "
        "of the local network can answer; IANA does not call it globally reachable.",
    ),
    Difference(
        "2620:4f:8000::/48 192.31.196.0/24 192.175.48.0/24",
        BOTH,
        "AS112 (RFC 7534, 7535): globally reachable by IANA, but anybody may run a node, and the "
        "nearest one, which may be the local network's, answers.",
    ),
    Difference(
        "192.52.193.0/24",
        BOTH,
        "AMT (RFC 7450): anycast like AS112, to the nearest relay for multicast.",
    ),
    Difference(
        "3ffe::/16",
        BOTH,
        "the 6bone, returned to IANA and not given out again (RFC 3701).",
    ),
    Difference(
        "192.0.0.9/32 192.0.0.10/32",
        ("ssrfguard",),
        "globally reachable by IANA, but anycast of the nearest NAT (RFC 7723, PCP) and relay "
        "(RFC 8155, TURN): what answers is the local network's own equipment.",
    ),
    Difference(
        "168.63.129.16/32",
        ("ssrfguard",),
        "public by number; in Azure it is the platform's service, which hands out credentials.",
    ),
    Difference(
        "192.88.99.0/24",
        ("pydantic-ai",),
        "the anycast of 6to4's relays: retired (RFC 7526), and ended in IANA's registry.",
    ),
    Difference(
        OUTSIDE,
        BOTH,
        "they allow what no table names. IANA has given out addresses of 2000::/3 only (RFC 4291, "
        "section 2.4): the rest is what a local network may have taken for itself.",
    ),
)


def _around(prefix: str, inner: int, behind: int = 0) -> IPv6Address:
    return IPv6Address(int(IPv6Address(prefix)) | inner << behind)


def _with_gap(prefix: int, length: int, inner: int) -> IPv6Address:
    """Embed an IPv4 address behind a prefix (RFC 6052): bits 64 to 71 stay clear."""
    number = inner << (120 - length - 32)
    return IPv6Address(prefix | (number >> 56) << 64 | number & (1 << 56) - 1)


LOCAL_NAT64 = int(IPv6Address("64:ff9b:1::"))
PUBLIC = int(IPv4Address("93.184.215.14"))
FLIPPED = 0xFFFF_FFFF

FORMS: tuple[tuple[str, Callable[[int], IPv6Address]], ...] = (
    ("mapped", lambda inner: _around("::ffff:0:0", inner)),
    ("compatible", lambda inner: _around("::", inner)),
    ("translated", lambda inner: _around("::ffff:0:0:0", inner)),
    ("6to4", lambda inner: _around("2002::1", inner, 80)),
    ("NAT64", lambda inner: _around("64:ff9b::", inner)),
    ("local NAT64 /48", lambda inner: _with_gap(LOCAL_NAT64, 48, inner)),
    ("local NAT64 /56", lambda inner: _with_gap(LOCAL_NAT64, 56, inner)),
    ("local NAT64 /64", lambda inner: _with_gap(LOCAL_NAT64, 64, inner)),
    ("local NAT64 /96", lambda inner: _around("64:ff9b:1::", inner)),
    ("Teredo", lambda inner: _around("2001::", inner << 64 | PUBLIC ^ FLIPPED)),
    ("Teredo", lambda inner: _around("2001::", PUBLIC << 64 | inner ^ FLIPPED)),
    ("ISATAP", lambda inner: _around("2606:4700::5efe:0:0", inner)),
    ("ISATAP", lambda inner: _around("2606:4700::200:5efe:0:0", inner)),
    ("ISATAP", lambda inner: _around("2606:4700::100:5efe:0:0", inner)),
    ("ISATAP", lambda inner: _around("2606:4700::300:5efe:0:0", inner)),
)


@dataclass(frozen=True)
class Listed:
    """A line of IANA's registries."""

    network: IPNetwork
    reachable: bool


def _registry() -> Iterator[Listed]:
    for name in ("iana_special_ipv4.csv", "iana_special_ipv6.csv"):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                blocks = re.sub(r"\[\d+\]", "", row["Address Block"]).split(",")
                for block in blocks:
                    yield Listed(
                        ip_network(block.strip()), row["Globally Reachable"].startswith("True")
                    )


REGISTRY = sorted(_registry(), key=lambda line: line.network.prefixlen, reverse=True)


def globally_reachable(address: IPAddress) -> bool:
    """What IANA says: its narrowest line; what it does not list is ordinary."""
    return next((line.reachable for line in REGISTRY if address in line.network), True)


def _networks() -> list[IPNetwork]:
    """Every range that any of the tables names, ours among them."""
    ours = [network for network, _ in (*addresses._REFUSED_IPV4, *addresses._REFUSED_IPV6)]
    carriers = [network for network, _ in addresses._CARRIERS]
    theirs = [*(block.network for block in DEFAULT_DENIED.blocks), *_ssrf._PRIVATE_NETWORKS]
    listed = [line.network for line in REGISTRY]
    found = {*ours, *carriers, *addresses._METADATA, *theirs, *listed}
    return sorted(found, key=lambda network: (network.version, network))


def _edges_and_inside(network: IPNetwork, random: Random, inside: int) -> Iterator[IPAddress]:
    kind = IPv4Address if network.version == 4 else IPv6Address
    first, last = int(network[0]), int(network[-1])
    drawn = [random.randint(first, last) for _ in range(min(inside, network.num_addresses))]
    for number in (first - 1, first, last, last + 1, *drawn):
        if 0 <= number < 1 << network.max_prefixlen:
            yield kind(number)


def _plain_samples(random: Random) -> Iterator[Sample]:
    for network in _networks():
        yield from map(Sample, _edges_and_inside(network, random, 500))
    for _ in range(22_000):
        yield Sample(IPv4Address(random.getrandbits(32)))
        yield Sample(IPv6Address(1 << 125 | random.getrandbits(125)))
    for _ in range(12_000):
        yield Sample(IPv6Address(random.getrandbits(128)))


def _embedding_samples(random: Random) -> Iterator[Sample]:
    inner = [IPv4Address(random.getrandbits(32)) for _ in range(1200)]
    for network in _networks():
        if network.version == 4:
            inner += _edges_and_inside(network, random, 20)
    for form, embed in FORMS:
        yield from (Sample(embed(int(one)), form, one) for one in inner)
    for one in METADATA:
        for length in (32, 40, 48, 56, 64):
            prefix = (0x2A00 << 112 | random.getrandbits(112)) >> (128 - length) << (128 - length)
            yield Sample(_with_gap(prefix, length, int(one)), "operator's NAT64", one)
        yield Sample(_around("2a00:1450::64:0:0", int(one)), "operator's NAT64", one)


@pytest.fixture(scope="module")
def judged() -> list[tuple[Sample, bool]]:
    """Every sample, and whether we allow its address."""
    random = Random(SEED)
    samples = dict.fromkeys((*_plain_samples(random), *_embedding_samples(random)))
    return [(sample, allowed(sample.address)) for sample in samples]


def test_more_than_a_hundred_thousand_different_addresses_are_judged(
    judged: list[tuple[Sample, bool]],
) -> None:
    assert len({sample.address for sample, _ in judged}) >= 100_000


@pytest.mark.parametrize("name", GUARDS)
def test_another_guard_agrees_except_where_a_row_says_why_we_refuse(
    name: str, judged: list[tuple[Sample, bool]]
) -> None:
    rows = [row for row in DIFFERENCES if name in row.guards]
    differing = [(one, ours) for one, ours in judged if GUARDS[name](one.address) != ours]
    assert [sample for sample, ours in differing if ours] == []
    found = {
        sample: next((row for row in rows if row.covers(sample)), None) for sample, _ in differing
    }
    assert [sample for sample, row in found.items() if row is None] == []
    assert {row.where for row in found.values() if row} == {row.where for row in rows}


def test_nothing_that_iana_lists_as_not_globally_reachable_is_allowed(
    judged: list[tuple[Sample, bool]],
) -> None:
    # A mapped address is IPv4 on the wire (RFC 4291, section 2.5.5.2), so that one is looked up.
    reached = [plain(sample.address) for sample, ours in judged if ours]
    assert len(reached) > 30_000
    assert [address for address in reached if not globally_reachable(address)] == []


def test_no_form_around_a_forbidden_ipv4_address_is_allowed(
    judged: list[tuple[Sample, bool]],
) -> None:
    through = [sample for sample, ours in judged if ours and sample.inner]
    assert {sample.form for sample in through} == {"mapped", "NAT64", "ISATAP"}
    assert [one for one in through if not (one.inner and globally_reachable(one.inner))] == []
