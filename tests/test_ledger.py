"""What calls cost: as the provider reports it, summed by model, and kept within a limit."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.errors import RequestError
from grok_vision.relay import Ledger, dollars
from grok_vision.results import ModelSpending, Spending, Usage
from tests.support import saved, settings_for, structured

pytestmark = pytest.mark.anyio


def cost(usd: float) -> Usage:
    return Usage(cost_usd=usd, cost_source="reported")


def refusal(ledger: Ledger, usd: float | None, model: str = "m") -> str:
    with pytest.raises(RequestError) as caught, ledger.reserved(usd, model=model):
        raise AssertionError
    assert caught.value.code == "over_budget"
    return caught.value.message


# The sums


def test_a_new_ledger_has_nothing() -> None:
    assert Ledger().spending() == Spending(models=[], calls=0, cost_usd=0.0)
    assert Ledger(5.0).spending() == Spending(
        models=[], calls=0, cost_usd=0.0, max_usd=5.0, left_usd=5.0
    )


def test_calls_are_summed_by_model_the_most_expensive_first() -> None:
    ledger = Ledger(1.0)
    full = Usage(
        input_tokens=1000,
        output_tokens=100,
        reasoning_tokens=20,
        image_tokens=600,
        cached_tokens=50,
        total_tokens=1120,
        cost_usd=0.1,
        cost_source="computed",
    )
    ledger.record("xai", cost(0.05), "grok-4.3")
    ledger.record("xai", full, "grok-4.6")
    ledger.record("xai", full.model_copy(update={"cost_usd": 0.2}), "grok-4.6")
    ledger.record("ollama", Usage(input_tokens=7, output_tokens=3), "llava")
    ledger.record("local", None, "grok-vision-local")
    nothing = {
        "input_tokens": 0,
        "output_tokens": 0,
        "reasoning_tokens": 0,
        "image_tokens": 0,
        "cached_tokens": 0,
        "calls": 1,
        "cost_usd": 0.0,
    }
    assert ledger.spending() == Spending(
        models=[
            ModelSpending(
                provider="xai",
                model="grok-4.6",
                calls=2,
                input_tokens=2000,
                output_tokens=200,
                reasoning_tokens=40,
                image_tokens=1200,
                cached_tokens=100,
                cost_usd=0.3,
            ),
            ModelSpending(provider="xai", model="grok-4.3", **nothing | {"cost_usd": 0.05}),
            ModelSpending(
                provider="local", model="grok-vision-local", **nothing, calls_without_cost=1
            ),
            ModelSpending(
                provider="ollama",
                model="llava",
                **nothing | {"input_tokens": 7, "output_tokens": 3},
                calls_without_cost=1,
            ),
        ],
        calls=5,
        cost_usd=0.35,
        max_usd=1.0,
        left_usd=0.65,
    )


def test_sums_are_free_of_the_noise_of_adding() -> None:
    ledger = Ledger(1.0)
    for _ in range(3):
        ledger.record("xai", cost(0.1), "m")
    spending = ledger.spending()
    assert [spending.cost_usd, spending.models[0].cost_usd, spending.left_usd] == [0.3, 0.3, 0.7]


def test_names_beyond_200_are_summed_as_other() -> None:
    ledger = Ledger()
    for number in range(250):
        ledger.record("xai", cost(0.01), f"model-{number}")
    ledger.record("xai", cost(0.01), "model-7")
    spending = ledger.spending()
    assert len(spending.models) == 201
    assert (spending.models[0].model, spending.models[0].calls) == ("other", 50)
    assert (spending.models[1].model, spending.models[1].calls) == ("model-7", 2)
    assert spending.calls == 251


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("half \ud83d", "half ?"),
        ("two\nlines", "two lines"),
        ("x" * 9999, f"{'x' * 80}…{'x' * 80}"),
    ],
)
def test_a_name_from_outside_is_kept_as_one_short_line(name: str, kept: str) -> None:
    ledger = Ledger()
    ledger.record("xai", None, name)
    assert ledger.spending().models[0].model == kept


# The limit


def test_without_a_limit_every_call_is_made() -> None:
    ledger = Ledger()
    with ledger.reserved(1e9, model="m"), ledger.reserved(None, model="m"):
        ledger.record("xai", cost(1e9), "m")
    assert ledger.spending().calls == 1


async def test_calls_at_once_do_not_pass_the_limit_together() -> None:
    ledger = Ledger(0.05)
    release = anyio.Event()
    made: list[int] = []
    refused: list[int] = []

    async def call(number: int) -> None:
        try:
            with ledger.reserved(0.02, model="grok-4.6"):
                made.append(number)
                await release.wait()
                ledger.record("xai", cost(0.02), "grok-4.6")
        except RequestError:
            refused.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(call, number)
        await anyio.wait_all_tasks_blocked()
        assert (len(made), len(refused)) == (2, 8)
        release.set()
    assert ledger.spending().cost_usd == 0.04
    refusal(ledger, 0.02)
    with ledger.reserved(0.01, model="m"):
        pass


async def test_a_call_that_fails_or_is_cancelled_gives_back_what_it_held() -> None:
    ledger = Ledger(0.05)
    with suppress(OSError), ledger.reserved(0.05, model="m"):
        raise OSError
    with anyio.CancelScope() as scope, ledger.reserved(0.05, model="m"):
        scope.cancel()
        await anyio.sleep_forever()
    with ledger.reserved(0.05, model="m"):
        refusal(ledger, 0.01)


def test_what_calls_really_cost_counts_and_not_what_they_were_held_to() -> None:
    ledger = Ledger(0.10)
    for _ in range(8):
        with ledger.reserved(0.03, model="m"):
            ledger.record("xai", cost(0.01), "m")
    assert ledger.spending().left_usd == 0.02
    refusal(ledger, 0.03)


def test_after_a_call_cost_more_than_the_limit_only_free_ones_are_made() -> None:
    ledger = Ledger(0.10)
    with ledger.reserved(0.05, model="m"):
        ledger.record("xai", cost(0.20), "m")
    assert ledger.spending().left_usd == 0.0
    refusal(ledger, 0.000001)
    with ledger.reserved(0.0, model="local"):
        pass


def test_a_limit_can_be_used_to_the_last_cent() -> None:
    ledger = Ledger(0.30)
    for _ in range(3):
        with ledger.reserved(0.10, model="m"):
            ledger.record("xai", cost(0.10), "m")
    refusal(ledger, 0.10)


def test_a_call_whose_cost_is_not_reported_counts_as_expected() -> None:
    ledger = Ledger(0.05)
    ledger.record("xai", None, "m", expected_usd=0.03)
    ledger.record("xai", Usage(input_tokens=9), "m", expected_usd=0.01)
    ledger.record("xai", cost(0.005), "m", expected_usd=1.0)
    spending = ledger.spending()
    assert (spending.cost_usd, spending.left_usd) == (0.005, 0.005)
    assert spending.models[0].calls_without_cost == 2
    refusal(ledger, 0.01)


def test_a_refusal_says_what_was_spent_what_the_call_costs_and_what_to_do() -> None:
    ledger = Ledger(0.05)
    ledger.record("xai", cost(0.0123), "grok-4.6")
    assert refusal(ledger, 0.04, "grok-4.6") == (
        "the call to grok-4.6 may cost $0.0400, which with $0.0123 spent would pass the limit of "
        "$0.0500, so it was not made: raise GROK_VISION_MAX_USD, restart the server to count from "
        "zero, or use a cheaper model or detail=low."
    )
    with ledger.reserved(0.02, model="m"):
        assert "with $0.0123 spent and $0.0200 in flight would" in refusal(ledger, 0.02)


def test_a_model_without_a_known_price_is_refused_where_a_limit_is_set() -> None:
    assert refusal(Ledger(5.0), None, "a\nb") == (
        "the price of a b is not known, so the limit of $5.00 in GROK_VISION_MAX_USD cannot be "
        "kept and the call was not made: choose a model whose price `grok-vision-mcp models` "
        "shows, or unset GROK_VISION_MAX_USD."
    )


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0.0, "$0"),
        (0.0000042, "$0.0000042"),
        (0.0123, "$0.0123"),
        (0.5, "$0.5000"),
        (1, "$1.00"),
        (12345.678, "$12,345.68"),
    ],
)
def test_sums_of_any_size_are_told_with_sensible_digits(usd: float, words: str) -> None:
    assert dollars(usd) == words


# What the provider reports

BYOK = {"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": 0.00197}}
"""As recorded: DataDog/dd-trace-py#19324, 2026-07-27."""


async def reported(
    folder: Path, usage: dict[str, Any], provider: str = "openrouter"
) -> dict[str, Any]:
    """Return the usage of a call that the provider answered with `usage`."""
    answer = {
        "choices": [{"message": {"content": "fine"}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, **usage},
    }
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=json.dumps(answer)))
    given = settings_for(folder, provider=provider, **{f"{provider}_api_key": "test"})
    arguments = {"image": saved(folder), "model": "acme/some-model"}
    async with Client(create_server(given, transport=transport)) as client:
        return dict(structured(await client.call_tool("describe_image", arguments))["usage"])


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        pytest.param({"cost": 0.00014}, 0.00014, id="openrouter.ai/docs, usage accounting"),
        pytest.param({"cost": 0}, 0.0, id="a free model"),
        pytest.param({"cost": 1, "cost_in_usd_ticks": 5}, 1.0, id="ticks of xAI behind it"),
        pytest.param({"cost": 0.95, "cost_details": {"upstream_inference_cost": 0.9}}, 0.95),
        pytest.param(BYOK, 0.00197, id="one's own key"),
        pytest.param(BYOK | {"cost": 0.0001}, 0.00207, id="one's own key and a fee"),
        pytest.param({"cost_in_usd_ticks": 20_000_000}, 0.002, id="ticks alone"),
    ],
)
async def test_openrouter_reports_the_cost_in_dollars(
    folder: Path, usage: dict[str, Any], usd: float
) -> None:
    used = await reported(folder, usage)
    assert used["cost_usd"] == pytest.approx(usd)
    assert used["cost_source"] == "reported"


@pytest.mark.parametrize(
    "usage",
    [
        {"cost": True},
        {"cost": "0.01"},
        {"cost": -0.01},
        {"cost": float("nan")},
        {"cost": float("inf")},
        {"cost": None},
        {"cost": [0.1]},
        {"is_byok": True, "cost": 0},
        {"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": "0.1"}},
        {"is_byok": True, "cost": 0, "cost_details": None},
    ],
)
async def test_a_cost_that_is_none_or_not_all_of_it_is_unknown(
    folder: Path, usage: dict[str, Any]
) -> None:
    used = await reported(folder, usage)
    assert used["input_tokens"] == 100
    assert "cost_usd" not in used


async def test_a_cost_in_a_currency_that_nobody_told_is_not_taken(folder: Path) -> None:
    used = await reported(folder, {"cost": 0.5}, provider="together")
    assert "cost_usd" not in used
