"""Carries chat requests to the provider. Other rooms import from here only."""

from grok_vision.relay.client import Relay
from grok_vision.relay.completion import Completion
from grok_vision.relay.connection import Transport
from grok_vision.relay.exchange import Exchange
from grok_vision.relay.ledger import Ledger
from grok_vision.relay.spend import FREE, usage

__all__ = ["FREE", "Completion", "Exchange", "Ledger", "Relay", "Transport", "usage"]
