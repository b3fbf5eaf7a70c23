"""Carries chat requests to the provider. Other rooms import from here only."""

from grok_vision.relay.client import Relay, Transport
from grok_vision.relay.completion import Completion
from grok_vision.relay.ledger import Ledger, dollars
from grok_vision.relay.spend import usage

__all__ = ["Completion", "Ledger", "Relay", "Transport", "dollars", "usage"]
