"""The table of faults: the published ones, and ours."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.faults import own_rows
from tests.faults.certificates import HOST
from tests.faults.expectation import Expectation, expectation
from tests.faults.tunnels import PROXIED

Way = Literal["streaming", "whole"]
WAYS: tuple[Way, ...] = ("streaming", "whole")

_PUBLISHED = Path(__file__).parent.parent / "data" / "upstream_faults.json"
_ANY = "typed or success; never raw exception"

# Where the server is addressed other than as http://127.0.0.1 with its plain port.
_PLACES = {
    "tls-self-signed": "https://127.0.0.1:{tls-unknown}",
    "tls-wrong-host": f"https://{HOST}:{{tls-other}}",
    "tls-reset-in-handshake": "https://127.0.0.1:{handshake-reset}",
    "tls-closed-in-handshake": "https://127.0.0.1:{handshake-closed}",
    "tls-silent-handshake": "https://127.0.0.1:{handshake-silent}",
    "tls-expired": f"https://{HOST}:{{tls-expired}}",
    "tls-plain-http": "https://127.0.0.1:{handshake-refused}",
    "tls-ok": f"https://{HOST}:{{tls}}",
    "tls-no-close-notify": f"https://{HOST}:{{tls}}",
    "dns-nxdomain": "https://nowhere.invalid",
    "conn-refused": "http://127.0.0.1:{closed}",
    "never-reads": "http://127.0.0.1:{narrow}",
    "closes-after-half-the-request": "http://127.0.0.1:{narrow}",
}
_LARGE_REQUESTS = {
    *("never-reads", "closes-after-half-the-request", "413-before-the-body", "413-then-reset"),
    "ok-before-the-body",
}
_CALLED_TWICE = {"stale-keepalive", "stale-keepalive-reset"}
# So much may arrive that nothing else must go on beside them.
_FLOODS = {*own_rows.FLOODS, *own_rows.STREAM_FLOODS, "huge-500mb", "sse-flood-of-text"}
# They go on until the deadline in a way of asking that need not last so long.
_LASTING = {"sse-endless", "sse-endless-comments"}

_SHORT, _DEADLINE = 3.0, 20.0


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and how a call that meets it must end in one way of asking."""

    fault: str
    way: Way
    words: str
    published: bool
    is_again: bool = False

    @property
    def run(self) -> str:
        """What the server tells this run of the fault by."""
        return f"{self.way}-again" if self.is_again else self.way

    @property
    def expected(self) -> Expectation:
        """What the words ask for."""
        return expectation(self.fault, self.words)

    @property
    def deadline(self) -> float:
        """Seconds that the call is given."""
        lasting = self.expected.by_deadline or self.fault in _LASTING
        # The text so far comes back at the deadline where the server falls silent.
        return _SHORT if lasting or "stall" in self.fault else _DEADLINE

    @property
    def calls(self) -> int:
        """How many calls are made, one after the other; the last one is judged."""
        return 2 if self.fault in _CALLED_TWICE else 1

    @property
    def large_request(self) -> bool:
        """Whether the picture must be larger than what a system takes in without a reader."""
        return self.fault in _LARGE_REQUESTS

    @property
    def is_flood(self) -> bool:
        """Whether it is about memory, so that nothing else must go on beside it."""
        return self.fault in _FLOODS

    @property
    def is_waiting(self) -> bool:
        """Whether a call spends its time on waiting."""
        return self.deadline == _SHORT or (self.expected.attempts or 0) > 1 or self.expected.unseen

    def address(self, ports: dict[str, int]) -> str:
        """Return the base URL."""
        if self.fault.startswith("proxy-"):
            return f"https://{self.fault}.{self.run}.{PROXIED}/v1"
        place = _PLACES.get(self.fault, "http://127.0.0.1:{plain}")
        return f"{place.format_map(ports)}/{self.fault}/{self.run}/v1"


def published() -> list[tuple[str, str]]:
    """Return the published faults with the words of what is expected."""
    rows = json.loads(_PUBLISHED.read_text(encoding="utf-8"))
    return [(row["fault"], row["expected"]) for row in rows]


def table() -> list[Row]:
    """Return every row in both ways of asking."""
    return [
        *(_row(fault, way, words, True) for fault, words in published() for way in WAYS),
        *(_row(fault, way, words, False) for fault, words in _OWN.items() for way in WAYS),
    ]


def _row(fault: str, way: Way, words: str, is_published: bool) -> Row:
    if way == "whole" and not is_published and fault in own_rows.STREAMS:
        return Row(fault, way, _ANY, published=False)
    promised = own_rows.PROMISED if way == "streaming" or not fault.startswith("sse-") else {}
    return Row(fault, way, promised.get(fault, words), is_published)


_OWN = {
    **own_rows.BODIES,
    **own_rows.STATUSES,
    **own_rows.FRAMING,
    **own_rows.BREAKING,
    **own_rows.FLOODS,
    **own_rows.STREAM_FLOODS,
    **own_rows.STREAMS,
    **own_rows.TUNNELS,
}
