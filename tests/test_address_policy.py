"""The address policy: the table, the parsing of URLs, and the rules that open hosts."""

import contextlib
import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grok_vision.errors import SourceError
from grok_vision.images.addresses import is_metadata, obstacle
from grok_vision.images.network import (
    HostRule,
    Target,
    check_address,
    follow_redirect,
    parse_target,
)

# Written out again, not imported: a line lost from the table must fail here.
SPECIAL_IPV4 = [
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.31.196.0/24"),
    IPv4Network("192.52.193.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("192.175.48.0/24"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
]
PUBLIC = IPv4Address("93.184.215.14")


def v6(text: str) -> int:
    return int(IPv6Address(text))


EMBEDDINGS: dict[str, Callable[[int], int]] = {
    "mapped": lambda inner: v6("::ffff:0:0") | inner,
    "compatible": lambda inner: inner,
    "translated": lambda inner: v6("::ffff:0:0:0") | inner,
    "6to4": lambda inner: v6("2002::1") | inner << 80,
    "NAT64": lambda inner: v6("64:ff9b::") | inner,
    "local NAT64 /96": lambda inner: v6("64:ff9b:1::") | inner,
    "local NAT64 /48": lambda inner: (
        v6("64:ff9b:1::") | (inner >> 16) << 64 | (inner & 0xFFFF) << 40
    ),
    "Teredo server": lambda inner: v6("2001::") | inner << 64 | ~int(PUBLIC) & 0xFFFF_FFFF,
    "Teredo client": lambda inner: v6("2001::") | int(PUBLIC) << 64 | ~inner & 0xFFFF_FFFF,
    "ISATAP local": lambda inner: v6("2606:4700::5efe:0:0") | inner,
    "ISATAP global": lambda inner: v6("2606:4700::200:5efe:0:0") | inner,
}

special_ipv4 = st.sampled_from(SPECIAL_IPV4).flatmap(
    lambda network: st.integers(int(network[0]), int(network[-1])).map(IPv4Address)
)
any_ipv4 = st.integers(0, 2**32 - 1).map(IPv4Address)
any_ipv6 = st.integers(0, 2**128 - 1).map(IPv6Address)


def refusal(url: str, *rules: str) -> SourceError:
    with pytest.raises(SourceError) as raised:
        parse_target(url, [HostRule.parse(rule) for rule in rules])
    return raised.value


def opened(url: str, address: str, *rules: str) -> bool:
    """Tells whether the rules let a URL be dialled at an address."""
    parsed = [HostRule.parse(rule) for rule in rules]
    try:
        check_address(parse_target(url, parsed), ipaddress.ip_address(address), parsed)
    except SourceError:
        return False
    return True


@given(any_ipv4)
def test_an_ipv4_address_is_refused_exactly_where_it_is_special(address: IPv4Address) -> None:
    assert (obstacle(address) is not None) == any(address in special for special in SPECIAL_IPV4)


@given(special_ipv4)
def test_every_special_ipv4_address_is_refused(address: IPv4Address) -> None:
    assert obstacle(address)


@pytest.mark.parametrize("network", SPECIAL_IPV4, ids=str)
def test_the_first_and_the_last_address_of_a_special_range_are_refused(
    network: IPv4Network,
) -> None:
    assert obstacle(network[0])
    assert obstacle(network[-1])


@pytest.mark.parametrize("form", EMBEDDINGS)
@given(inner=special_ipv4)
def test_a_special_ipv4_address_is_refused_within_any_ipv6_form(
    form: str, inner: IPv4Address
) -> None:
    address = IPv6Address(EMBEDDINGS[form](int(inner)))
    assert obstacle(address)
    assert is_metadata(address) >= is_metadata(inner)


@pytest.mark.parametrize("form", ["mapped", "NAT64", "ISATAP local", "ISATAP global"])
def test_a_public_ipv4_address_is_reachable_through_live_ipv6_forms(form: str) -> None:
    assert obstacle(IPv6Address(EMBEDDINGS[form](int(PUBLIC)))) is None


@given(any_ipv6)
def test_an_ipv6_address_outside_global_unicast_is_refused(address: IPv6Address) -> None:
    transparent = address in ipaddress.ip_network("::ffff:0:0/96") or (
        address in ipaddress.ip_network("64:ff9b::/96")
    )
    if address not in ipaddress.ip_network("2000::/3") and not transparent:
        assert obstacle(address)


@given(st.integers(0, 2**125 - 1).map(lambda bits: IPv6Address(v6("2000::") | bits)))
def test_judging_a_global_address_never_raises(address: IPv6Address) -> None:
    assert obstacle(address) is None or obstacle(address)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.0.0.5", "private (RFC 1918)"),
        ("::1", "loopback (RFC 4291)"),
        ("64:ff9b::a00:1", "a form of 10.0.0.1, which is private (RFC 1918)"),
        ("2002:a00:1::", "a retired 6to4 form (RFC 7526)"),
        ("4000::1", "outside global unicast (RFC 4291)"),
        ("2001:db8::1", "for documentation (RFC 3849)"),
        ("3fff::1", "for documentation (RFC 9637)"),
        ("fd12::1", "private (RFC 4193)"),
    ],
)
def test_a_refused_address_has_its_reason(address: str, reason: str) -> None:
    assert obstacle(ipaddress.ip_address(address)) == reason


def test_a_url_becomes_a_target_without_its_fragment() -> None:
    target = parse_target("HTTPS://B\u00fccher.Example.:443/a/b?x=@y#z@127.0.0.1")
    assert target == Target("https", "xn--bcher-kva.example", 443, "/a/b?x=@y")
    assert target.url == "https://xn--bcher-kva.example/a/b?x=@y"
    assert target.address is None


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://example.com", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://example.com:443/", "example.com:443"),
        ("http://[2606:4700:0::1]/", "[2606:4700::1]"),
        ("https://1.1.1.1:80/", "1.1.1.1:80"),
    ],
)
def test_the_authority_holds_the_port_where_it_is_not_the_default(url: str, authority: str) -> None:
    assert parse_target(url).authority == authority


def test_the_query_is_kept_out_of_representations() -> None:
    assert "secret" not in repr(parse_target("http://example.com/?secret"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.com/", "only URLs that start with http:// or https://"),
        ("http:/example.com/", "only URLs that start with http:// or https://"),
        ("http:///x", "no valid host and port"),
        ("http://exa mple.com/", "a space, a backslash or an invisible character"),
        ("http://example.com\\@1.1.1.1/", "a space, a backslash or an invisible character"),
        ("http://example.com/\ud800", "a space, a backslash or an invisible character"),
        ("http://user:s3cr3t@example.com/", "a user name or password, which is never sent"),
        ("http://example.com:x/", "no valid host and port"),
        ("http://example.com:0/", "not between 1 and 65535"),
        ("http://example.com:65536/", "not between 1 and 65535"),
        ("http://example.com:\u0668\u0660/", "no valid host and port"),
        ("http://0x7f.1/", "a number in disguise"),
        ("http://1.2.3.04/", "a number in disguise"),
        ("http://example.0x/", "a number in disguise"),
        ("http://ex%61mple.com/", "not a valid name"),
        ("http://-a.example/", "not a valid name"),
        ("http://a..example/", "not a valid name"),
        ("http://" + "a" * 64 + ".example/", "not a valid name"),
        ("http://\u2764.example/", "not a valid international name"),
        ("http://[fe80::1%25eth0]/", "without a zone"),
        ("http://[::g]/", "not a valid IPv6 address"),
        ("http://example.com/" + "a" * 20_000, "longer than 16384 characters"),
    ],
)
def test_what_is_no_fetchable_url_is_a_bad_source(url: str, words: str) -> None:
    error = refusal(url)
    assert error.code == "bad_source"
    assert words in error.message
    assert "s3cr3t" not in error.message


@given(st.text(max_size=60).map(lambda tail: f"http://{tail}"))
def test_any_text_is_parsed_or_refused_but_never_crashes(url: str) -> None:
    with contextlib.suppress(SourceError):
        target = parse_target(url)
        assert parse_target(target.url) == target


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "http://localhost:3000/?token",
            "the host localhost is a name of a local network; "
            "set GROK_VISION_ALLOW_HOSTS=localhost:3000 to allow it.",
        ),
        (
            "https://example.com:8443/?token",
            "the port 8443 of example.com is neither 80 nor 443; "
            "set GROK_VISION_ALLOW_HOSTS=example.com:8443 to allow it.",
        ),
        (
            "http://[fd12::1]/",
            "the host is the address fd12::1, which is private (RFC 4193); "
            "set GROK_VISION_ALLOW_HOSTS=[fd12::1]:80 to allow it.",
        ),
        (
            "http://169.254.169.254/latest",
            "the host is the address 169.254.169.254, where clouds serve credentials; "
            "it is never fetched.",
        ),
    ],
)
def test_a_blocked_url_is_told_with_the_setting_that_opens_it(url: str, message: str) -> None:
    error = refusal(url)
    assert error.code == "blocked_address"
    assert error.message == message


def test_a_blocked_answer_of_the_lookup_names_host_and_address() -> None:
    target = parse_target("http://intranet.example/x?y")
    with pytest.raises(SourceError) as raised:
        check_address(target, IPv4Address("10.0.0.5"))
    assert raised.value.message == (
        "the host intranet.example resolves to 10.0.0.5, which is private (RFC 1918); "
        "set GROK_VISION_ALLOW_HOSTS=intranet.example:80 to allow it."
    )


@pytest.mark.parametrize(
    "host", ["intranet", "nas.local", "metadata.google.internal", "a.localhost", "x.home.arpa"]
)
def test_a_name_of_a_local_network_is_refused_before_the_lookup(host: str) -> None:
    assert refusal(f"http://{host}/").code == "blocked_address"


@pytest.mark.parametrize(
    ("rule", "url", "address", "expected"),
    [
        ("localhost:3000", "http://localhost:3000/", "127.0.0.1", True),
        ("localhost:3000", "http://localhost:3000/", "::1", True),
        ("localhost:3000", "http://localhost:3001/", "127.0.0.1", False),
        ("localhost:3000", "http://localhost/", "127.0.0.1", False),
        ("LocalHost.", "http://localhost:3000/", "127.0.0.1", True),
        ("localhost", "http://localhost/", "127.0.0.1", True),
        ("localhost", "http://a.localhost/", "127.0.0.1", False),
        ("*.lan", "http://nas.lan:8080/", "192.168.1.5", True),
        ("*.lan:80", "http://nas.lan:8080/", "192.168.1.5", False),
        ("*.shop.example", "http://shop.example/", "10.0.0.1", False),
        ("*.shop.example", "http://evilshop.example/", "10.0.0.1", False),
        ("10.0.0.0/8", "http://in.example:8080/", "10.1.2.3", True),
        ("10.0.0.0/8", "http://10.1.2.3/", "10.1.2.3", True),
        ("10.0.0.0/8", "http://in.example/", "192.168.0.1", False),
        ("10.0.0.0/8", "http://in.example:8080/", "1.1.1.1", False),
        ("10.0.0.0/8", "http://nas/", "1.1.1.1", False),
        ("10.1.2.3:8080", "http://10.1.2.3:8080/", "10.1.2.3", True),
        ("10.1.2.3:8080", "http://10.1.2.3/", "10.1.2.3", False),
        ("[::1]:3000", "http://[::1]:3000/", "::1", True),
        ("::1", "http://[0::1]:3000/", "::1", True),
        ("127.0.0.1", "http://[::ffff:127.0.0.1]/", "127.0.0.1", True),
        ("fd00::/8", "http://x.example/", "fd12::1", True),
        ("metadata.internal", "http://metadata.internal/", "169.254.169.254", False),
        ("metadata.internal", "http://metadata.internal/", "64:ff9b::a9fe:a9fe", False),
        ("0.0.0.0/0", "http://x.example/", "169.254.170.2", False),
        ("::/0", "http://x.example/", "fd00:ec2::254", False),
        ("::/0", "http://x.example/", "2a00:1450:a9:fea9:fe::", False),
        ("::/0", "http://x.example/", "2a00:1450::a9fe:a9fe", False),
        ("::/0", "http://x.example/", "2a00:1450::a9fe:a9fd", True),
        ("169.254.169.254", "http://169.254.169.254/", "169.254.169.254", True),
        ("168.63.129.16", "http://168.63.129.16/", "168.63.129.16", True),
        ("other.example", "http://example.com/", "93.184.215.14", True),
    ],
)
def test_a_rule_opens_what_it_names_and_nothing_else(
    rule: str, url: str, address: str, expected: bool
) -> None:
    assert opened(url, address, rule) is expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://localhost:3000", "is not a network"),
        ("10.0.0.5/8", "is not a network"),
        ("localhost:", "is not a host"),
        ("localhost:0", "no valid port"),
        ("localhost:70000", "no valid port"),
        ("*", "not a valid name"),
        ("*.10.0.0.1", "a star before an address"),
        ("127.1", "a number in disguise"),
        ("[fe80::1%eth0]", "a percent sign or a zone"),
        ("", "is not a host"),
        ("a b", "not a valid name"),
    ],
)
def test_a_rule_that_cannot_be_read_is_told_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HostRule.parse(text)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "http://example.com/b"),
        ("b?q#f", "http://example.com/d/b?q"),
        ("../b", "http://example.com/b"),
        ("?q", "http://example.com/d/a?q"),
        ("//cdn.example/b", "http://cdn.example/b"),
        ("https://cdn.example/b", "https://cdn.example/b"),
    ],
)
def test_a_redirect_is_resolved_against_the_url_it_came_from(location: str, url: str) -> None:
    assert follow_redirect(parse_target("http://example.com/d/a"), location).url == url


@pytest.mark.parametrize(
    "location",
    ["http:b", "file:///etc/passwd", "\\\\x\\y", "//u:s3cr3t@x.example/", "/a b", "\t/b"],
)
def test_a_redirect_that_is_no_plain_reference_is_refused(location: str) -> None:
    with pytest.raises(SourceError) as raised:
        follow_redirect(parse_target("http://example.com/d/a"), location)
    assert raised.value.message.startswith("it redirects, and ")
    assert "s3cr3t" not in raised.value.message
