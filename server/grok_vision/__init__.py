"""Vision tools for MCP agents, relayed to xAI Grok or another OpenAI-compatible provider."""

__version__ = "0.1.0"
