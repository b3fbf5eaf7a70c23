"""Every way in which a provider or the way to it can fail ends typed, in time and in memory."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.completion import BODY_MARK, KEY, TEXT
from tests.faults.outcome import Outcome
from tests.faults.running import Remains, run
from tests.faults.table import WAYS, Row, published, table
from tests.faults.visit import Seen

# Ours are met in the product's own way here, and in both by scripts/faults.
ROWS = [row for row in table() if row.published or row.way == "streaming"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping[Row, Outcome], Remains]:
    """How every row ended, and what is left of them.

    They are run beside each other, so that they wait together.
    """
    found: dict[Row, Outcome] = {}
    remains = run(
        ROWS,
        tmp_path_factory.mktemp("faults"),
        at_once=8,
        told=lambda outcome: found.update({outcome.row: outcome}),
    )
    return found, remains


@pytest.fixture
def outcomes(ran: tuple[Mapping[Row, Outcome], Remains]) -> Mapping[Row, Outcome]:
    return ran[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fault}-{row.way}")
def test_a_fault_ends_as_the_table_says(row: Row, outcomes: Mapping[Row, Outcome]) -> None:
    outcome = outcomes[row]
    # Other tests run beside these: to the second it is held by scripts/faults.
    assert outcome.complaining(later=10.0) == [], outcome.message


def test_every_published_fault_is_met_in_both_ways_of_asking() -> None:
    met = {(row.fault, row.way) for row in ROWS if row.published}
    assert met == {(fault, way) for fault, _ in published() for way in WAYS}
    assert len(published()) == 94


def test_no_fault_leaves_a_connection_open(
    ran: tuple[Mapping[Row, Outcome], Remains],
) -> None:
    assert ran[1].connections == 0


def test_no_log_shows_the_key_or_a_body_or_a_failure_of_our_own(
    ran: tuple[Mapping[Row, Outcome], Remains],
) -> None:
    shown = (KEY, BODY_MARK, "Traceback")
    assert [line for line in ran[1].logged if any(it in line for it in shown)] == []
    assert any("trying again" in line for line in ran[1].logged)


def test_a_stream_is_asked_for_in_one_way_and_not_in_the_other(
    outcomes: Mapping[Row, Outcome],
) -> None:
    asked = {
        row.way: '"stream":true' in outcome.seen[0].end
        for row, outcome in outcomes.items()
        if row.fault == "sse-ok"
    }
    assert asked == {"streaming": True, "whole": False}


def test_the_key_is_sent_where_it_belongs(outcomes: Mapping[Row, Outcome]) -> None:
    heads = [seen.head for it in outcomes.values() if it.row.fault == "ok" for seen in it.seen]
    assert len(heads) == len(WAYS)
    assert all(f"Bearer {KEY}" in head for head in heads)


def passing(fault: str) -> Outcome:
    """Return an outcome of a published fault that is as it should be."""
    row = next(row for row in ROWS if row.fault == fault)
    expected = row.expected
    at = row.deadline if expected.by_deadline else 0.1
    outcome = Outcome(row, got=min(expected.outcomes), message="[x] It failed.", seconds=at)
    outcome.seen = [seen("plain")] * (expected.attempts or 1)
    if outcome.got == "success":
        outcome.message, outcome.text = "", TEXT
    return outcome


def seen(port: str, head: str = f"POST / HTTP/1.1\r\nAuthorization: Bearer {KEY}\r\n") -> Seen:
    return Seen("fault", "way", port, head, 0)


@pytest.mark.parametrize("fault", ["ok", "status-400", "status-500", "accept-silent"])
def test_an_outcome_as_it_should_be_is_not_complained_of(fault: str) -> None:
    assert passing(fault).complaints == []


@pytest.mark.parametrize(
    ("fault", "changed", "complaint"),
    [
        ("ok", {"got": "unavailable"}, "ended in unavailable, not in success"),
        ("ok", {"text": TEXT[:-2]}, "lost some of the text"),
        ("ok", {"text": BODY_MARK}, "answered with text that is not the answer's"),
        ("ok", {"seconds": 22.0}, "took 22.0 s with a deadline of 20 s"),
        ("ok", {"growth": 1 << 26}, "grew by 64 MiB"),
        ("ok", {"seen": [seen("plain")] * 5}, "made 5 requests"),
        ("status-400", {"got": "untyped"}, "ended in untyped"),
        ("status-400", {"got": "hung"}, "ended in hung"),
        ("status-400", {"seconds": 5.0}, "should end at once"),
        ("status-400", {"seen": [seen("plain")] * 2}, "made 2 requests, not 1"),
        ("status-400", {"message": f"[x] {KEY}"}, "repeats the key or a body"),
        ("status-400", {"message": BODY_MARK}, "repeats the key or a body"),
        ("status-400", {"message": "httpx2.ReadError: x"}, "shows the inside"),
        ("status-400", {"message": "[x] a\x1b[31m"}, "no plain text"),
        ("status-500", {"seen": [seen("plain")]}, "made 1 requests, not 4"),
        ("accept-silent", {"seconds": 1.0}, "gave up after 1.0 s, before its deadline"),
        ("redirect-loop", {"seen": [seen("elsewhere")]}, "followed a redirect"),
        ("redirect-loop", {"seen": [seen("elsewhere")]}, "sent the key to elsewhere"),
        ("proxy-407", {"seen": [seen("proxy")]}, "sent the key to proxy"),
        ("tls-wrong-host", {"seen": [seen("tls-other")]}, "sent the key to tls-other"),
        ("finish-length", {"got": "success"}, "ended in success, not in truncated"),
        ("sse-reset-midstream", {"got": "truncated", "warnings": []}, "does not warn of it"),
    ],
)
def test_an_outcome_that_is_not_as_it_should_be_is_complained_of(
    fault: str, changed: dict[str, Any], complaint: str
) -> None:
    outcome = replace(passing(fault), **changed)
    assert complaint in "; ".join(outcome.complaints)


def test_no_fault_is_told_twice() -> None:
    assert len({(row.fault, row.way) for row in ROWS}) == len(ROWS)
