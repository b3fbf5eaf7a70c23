"""A provider's own list of its models, read leniently in every dialect.

No two providers tell a model's facts in the same way, and most tell only names. The fields are
told apart by their names alone, so that a relay may speak another's dialect:

- xAI: prices in US cents per 100 million tokens, `input_modalities` in /language-models and
  `context_length` in /models (docs.x.ai; an entry recorded on 2026-08-10);
- OpenRouter: `pricing.prompt` in US dollars per token as text, `context_length`,
  `architecture.input_modalities` (openrouter.ai/docs/models);
- Groq: OpenRouter's pricing, `input_modalities`, `context_window` (models.dev#3761, #5742, 2026);
- Together: a bare list; `pricing.input` in US dollars per million, `type`, `context_length`
  (docs.together.ai/reference/models-1);
- vLLM: `max_model_len` (vllm/entrypoints/openai/protocol.py, ModelCard);
- llama.cpp: `meta.n_ctx`, `meta.n_ctx_train`, and OpenRouter's architecture since
  ggml-org/llama.cpp#22952 (2026-05);
- OpenAI, Ollama and LM Studio: names only.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from grok_vision.results import ListedModel
from grok_vision.texts import shortened

# OpenRouter, which has most, lists some 500.
_MOST_MODELS = 5_000
_MOST_NAMES = 50
_DEAREST = 1e9
_XAI_UNIT = 1e-4
_MILLION = 1e6
# Of Together's `type`: those that answer no chat.
_NO_CHAT = frozenset({"audio", "embedding", "image", "moderation", "rerank", "transcribe", "video"})


def _price(value: object) -> float | None:
    """Read a price, also as text; what is none counts as unreported. OpenRouter's -1 varies."""
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _DEAREST:
        return None
    return float(value)


def _size(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        return None
    return int(value)


def _word(value: object) -> str:
    return shortened(value[:1000]) if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(filter(None, map(_word, value[:_MOST_NAMES])))


def _part(value: object) -> object:
    return value if isinstance(value, dict) else {}


Price = Annotated[float | None, BeforeValidator(_price)]
Size = Annotated[int | None, BeforeValidator(_size)]
Word = Annotated[str, BeforeValidator(_word)]
Names = Annotated[tuple[str, ...] | None, BeforeValidator(_names)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Pricing(_Wire):
    prompt: Price = None
    completion: Price = None
    input_cache_read: Price = None
    input: Price = None
    output: Price = None


class _Architecture(_Wire):
    input_modalities: Names = None
    output_modalities: Names = None


class _Meta(_Wire):
    n_ctx: Size = None
    n_ctx_train: Size = None


class _Entry(_Wire):
    id: Word = ""
    aliases: Names = None
    type: Word = ""
    input_modalities: Names = None
    output_modalities: Names = None
    context_length: Size = None
    context_window: Size = None
    max_model_len: Size = None
    prompt_text_token_price: Price = None
    cached_prompt_text_token_price: Price = None
    completion_text_token_price: Price = None
    long_context_threshold: Size = None
    prompt_text_token_price_long_context: Price = None
    completion_text_token_price_long_context: Price = None
    pricing: Annotated[_Pricing, BeforeValidator(_part)] = _Pricing()
    architecture: Annotated[_Architecture, BeforeValidator(_part)] = _Architecture()
    meta: Annotated[_Meta, BeforeValidator(_part)] = _Meta()


def read(document: Any) -> tuple[ListedModel, ...] | None:
    """Return the models in a parsed response, or None where it holds no list of them.

    Whatever is not as expected counts as unreported, and an entry without a name is left out.
    """
    entries = document
    if isinstance(document, dict):
        # llama.cpp has both, and tells more in the first.
        entries = next((document[name] for name in ("data", "models") if name in document), None)
    if not isinstance(entries, list):
        return None
    read_ones = (_Entry.model_validate(_part(entry)) for entry in entries[:_MOST_MODELS])
    return tuple(_model(entry) for entry in read_ones if entry.id)


def merged(first: Sequence[ListedModel], second: Sequence[ListedModel]) -> tuple[ListedModel, ...]:
    """Return the models of the first list, with what only the second one tells of them."""
    more = {entry.model: entry for entry in second}
    return tuple(_completed(entry, more.get(entry.model)) for entry in first)


def _completed(entry: ListedModel, other: ListedModel | None) -> ListedModel:
    if other is None:
        return entry
    told = entry.model_dump(exclude_none=True)
    return entry.model_copy(
        update={name: fact for name, fact in other if name not in told or told[name] == []}
    )


def _model(entry: _Entry) -> ListedModel:
    price, cached, output = _prices(entry)
    return ListedModel(
        model=entry.id,
        aliases=list(entry.aliases or ()),
        takes_images=_takes_images(entry),
        context_window=entry.context_length
        or entry.context_window
        or entry.max_model_len
        # What is served, else what the model was made for; 0 where it is not loaded.
        or entry.meta.n_ctx
        or entry.meta.n_ctx_train,
        input_usd=price,
        cached_usd=cached,
        output_usd=output,
        long_context_from=entry.long_context_threshold,
        long_input_usd=_usd(entry.prompt_text_token_price_long_context, _XAI_UNIT),
        long_output_usd=_usd(entry.completion_text_token_price_long_context, _XAI_UNIT),
    )


def _prices(entry: _Entry) -> tuple[float | None, float | None, float | None]:
    """Return US dollars for a million tokens: input, cached input, output."""
    pricing = entry.pricing
    # xAI fills in zeros where a price does not apply.
    if entry.prompt_text_token_price or entry.completion_text_token_price:
        return (
            _usd(entry.prompt_text_token_price, _XAI_UNIT),
            _usd(entry.cached_prompt_text_token_price, _XAI_UNIT),
            _usd(entry.completion_text_token_price, _XAI_UNIT),
        )
    if pricing.prompt is not None:
        return (
            _usd(pricing.prompt, _MILLION),
            _usd(pricing.input_cache_read, _MILLION),
            _usd(pricing.completion, _MILLION),
        )
    return pricing.input, None, pricing.output


def _usd(figure: float | None, unit: float) -> float | None:
    return None if figure is None else round(figure * unit, 6)


def _takes_images(entry: _Entry) -> bool | None:
    """Tell whether the model takes pictures and answers in words; None where it is not told."""
    taken = entry.input_modalities or entry.architecture.input_modalities
    given = entry.output_modalities or entry.architecture.output_modalities
    if entry.type in _NO_CHAT or (given and "text" not in given):
        return False
    return None if taken is None else "image" in taken
