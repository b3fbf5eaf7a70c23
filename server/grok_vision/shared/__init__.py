"""The Redis that processes share. Other rooms import from here only; it is loaded with first use.

One Redis, or what stands before one: commands and scripts touch several keys, which a cluster would
put on different machines.
"""

from grok_vision.shared.calls import Reply, Shared
from grok_vision.shared.channel import Channel
from grok_vision.shared.unavailable import UnavailableError

__all__ = ["Channel", "Reply", "Shared", "UnavailableError"]
