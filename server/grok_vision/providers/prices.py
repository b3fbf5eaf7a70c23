"""What a call costs."""

from dataclasses import dataclass, replace

from grok_vision.providers.evidence import Evidence

_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens; image tokens cost what input tokens cost.

    `cache_write` is the price of input that the provider keeps for later calls, where it is
    another: how much it keeps is its own decision. From `long_context_from` input tokens on, all
    input costs `long_context_factor` as much, and all output `long_output_factor`, which is the
    same where it is None.
    """

    input: float
    cached: float
    output: float
    cache_write: float | None = None
    long_context_from: int | None = None
    long_context_factor: float = 1.0
    long_output_factor: float | None = None
    evidence: Evidence

    def cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """Return US dollars for a call; `cached_tokens` is a part of `input_tokens`."""
        # More cached than asked has been seen (vercel/ai guards against it).
        cached = min(cached_tokens, input_tokens)
        read = (input_tokens - cached) * self.input + cached * self.cached
        return self._total(read, input_tokens, output_tokens)

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """Return US dollars that such a call costs at most: all its input may be kept."""
        dearest = max(self.input, self.cache_write or 0.0)
        return self._total(input_tokens * dearest, input_tokens, output_tokens)

    def times(self, factor: float) -> "Prices":
        """Return the prices where everything costs `factor` as much."""
        return replace(
            self,
            input=self.input * factor,
            cached=self.cached * factor,
            output=self.output * factor,
            cache_write=None if self.cache_write is None else self.cache_write * factor,
        )

    def _total(self, read: float, input_tokens: int, output_tokens: int) -> float:
        written = output_tokens * self.output
        if self.long_context_from is not None and input_tokens >= self.long_context_from:
            read *= self.long_context_factor
            written *= self.long_output_factor or self.long_context_factor
        return round((read + written) / _MILLION, 10)
