"""Carries chat requests to the provider. Other rooms import from here only."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.relay.attempt import Attempt
from grok_vision.relay.budget import Bill, Booking, Budget, OwnBudget
from grok_vision.relay.client import Relay
from grok_vision.relay.completion import Completion
from grok_vision.relay.connection import Transport
from grok_vision.relay.ledger import Ledger
from grok_vision.relay.reply import Broken
from grok_vision.relay.spend import FREE, usage

if TYPE_CHECKING:
    from grok_vision.relay.shared_budget import SharedBudget

__all__ = [
    "FREE",
    "Attempt",
    "Bill",
    "Booking",
    "Broken",
    "Budget",
    "Completion",
    "Ledger",
    "OwnBudget",
    "Relay",
    "SharedBudget",
    "Transport",
    "usage",
]

# For several processes only: one alone does not wait for it.
_LATER = {"SharedBudget": "shared_budget"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
