"""Carries chat requests to the provider. Other rooms import from here only."""

from grok_vision.relay.attempt import Attempt
from grok_vision.relay.client import Relay
from grok_vision.relay.completion import Completion
from grok_vision.relay.connection import Transport
from grok_vision.relay.ledger import Ledger
from grok_vision.relay.reply import Broken
from grok_vision.relay.spend import FREE, usage

__all__ = ["FREE", "Attempt", "Broken", "Completion", "Ledger", "Relay", "Transport", "usage"]
