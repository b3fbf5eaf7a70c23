"""The tokens of words, from their bytes.

An exact count needs the model's own tokenizer, which is a download of megabytes where it is public
at all. Measured on 2026-11-21 with five (o200k, cl100k, Llama 3, Mistral 7B and Claude 2) over 50
samples: our instructions, prompts and prose in 24 languages, JSON, code, Markdown, URLs, numbers,
base64, hexadecimal, symbols and emoji. All 250 counts lie within the range here; the likely figure
is within 15 % of o200k's for our instructions and English prose.
"""

import math
import re

from grok_vision.texts import sendable
from grok_vision.tokens.count import Count

# Long lines of one character are few tokens: 200 spaces are 3 to 14.
_RUNS = re.compile(rb"([\s\-=_*.#~])\1{3,}")
# A word of ASCII letters with the space before it, and no part of a number or of base64.
_WORDS = re.compile(rb" ?(?<![A-Za-z0-9+/])(?:[A-Za-z][a-z]*|[A-Z]+)(?![A-Za-z0-9+/])")
_ASCII = bytes(range(128))

# Tokens for a byte: likely, least and most that were measured.
_Rate = tuple[float, float, float]
# English is 0.20 everywhere, German and Finnish up to 0.45, a letter alone 0.5.
_IN_WORDS: _Rate = (0.205, 0.14, 0.5)
# 0.33 in figures with OpenAI and 1 with Mistral; 0.7 in base64.
_IN_SYMBOLS: _Rate = (0.5, 0.25, 1.0)
# Two to four bytes a character: Hindi 0.11 to 0.41, Chinese 0.25 to 0.49, Amharic up to 1.
_BEYOND_ASCII: _Rate = (0.25, 0.1, 1.0)
_IN_RUNS: _Rate = (0.05, 0.01, 0.3)
# Short texts are cut less well.
_SLACK = 2


def text_tokens(text: str) -> Count:
    """Return the tokens of a text, without those of a message around it."""
    if not text:
        return Count()
    data = sendable(text).encode()
    rest = _RUNS.sub(b"\n", data)
    words = sum(len(found[0]) for found in _WORDS.finditer(rest))
    beyond = len(rest.translate(None, _ASCII))
    bytes_by_rate = (
        (_IN_WORDS, words),
        (_IN_SYMBOLS, len(rest) - words - beyond),
        (_BEYOND_ASCII, beyond),
        (_IN_RUNS, len(data) - len(rest)),
    )
    likely, least, most = (
        sum(rate[which] * count for rate, count in bytes_by_rate) for which in range(3)
    )
    return Count(max(1, round(likely)), max(1, math.floor(least)), math.ceil(most) + _SLACK)
