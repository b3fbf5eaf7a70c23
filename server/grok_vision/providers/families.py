"""How open models count pictures, by family: read from public material on 2026-11-20.

These hold wherever a model is served, unless its provider says otherwise. The first family whose
pattern fits a name counts; names are looked at without the vendor before the slash.
"""

from dataclasses import replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ModelProfile
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.openai_tokens import LIKE_GPT
from grok_vision.providers.token_rules import (
    Canvas,
    Cells,
    Flat,
    ResizedCells,
    Shaped,
    Steps,
    TokenRule,
)

_TRANSFORMERS = "transformers 5.23.0"

# 540x360 is 247 + 2 and 597x566 is 420 + 2, to the token (pydantic-ai cassettes).
QWEN2_VL = ResizedCells(
    name="qwen2-vl: 28-pixel cells + 2",
    side=28,
    extra=2,
    min_pixels=56 * 56,
    max_pixels=28 * 28 * 16_384,
    evidence=Evidence("recorded", f"{_TRANSFORMERS}; pydantic-ai cassettes", "2026-02-18"),
)
# 1280x960 is 1,202.
QWEN3_VL = ResizedCells(
    name="qwen3-vl: 32-pixel cells + 2",
    side=32,
    extra=2,
    min_pixels=256 * 256,
    max_pixels=32 * 32 * 16_384,
    evidence=Evidence("documented", f"{_TRANSFORMERS}; Alibaba Model Studio", "2026"),
)
# Recordings at Groq: 3008x2000 less 540x360 is 1,595; 597x566 less 400x301 is 290.
LLAMA_4 = Canvas(
    name="llama-4: canvas of 336-pixel tiles",
    side=336,
    base=147,
    each=145,
    most_tiles=16,
    evidence=Evidence("recorded", f"{_TRANSFORMERS}; pydantic-ai cassettes", "2026-03"),
)
# Pictures go through cross-attention: the prompt holds one token for each.
LLAMA_3_2 = Flat(
    name="llama-3.2: one token a picture",
    tokens=1,
    most=4 * 1601,
    evidence=Evidence("vendor source", _TRANSFORMERS, "2026-11-20"),
)
# 597x566 less the words is 483, and the difference to another picture 307.
MISTRAL = Cells(
    name="mistral: 28-pixel cells with row ends",
    side=28,
    row_ends=True,
    fits=Fits(low=Fit(max_side=1540), auto=Fit(max_side=1540), high=Fit(max_side=1540)),
    evidence=Evidence("recorded", "pydantic-ai cassettes", "2026-03-16"),
)
# Its params.json: patches of 16 pixels, pictures of 1,024, nothing merged. No recording.
PIXTRAL_12B = Cells(
    name="pixtral-12b: 16-pixel cells with row ends",
    side=16,
    row_ends=True,
    fits=Fits(low=Fit(max_side=1024), auto=Fit(max_side=1024), high=Fit(max_side=1024)),
    evidence=Evidence("vendor source", "mistralai/Pixtral-12B-2409, params.json", "2024-09"),
)
GEMMA_3 = Flat(
    name="gemma-3: flat 256",
    tokens=256,
    evidence=Evidence("vendor source", _TRANSFORMERS, "2026-11-20"),
)
INTERNVL = Canvas(
    name="internvl: 448-pixel tiles and a thumbnail",
    side=448,
    base=256,
    each=256,
    most_tiles=12,
    by="shape",
    evidence=Evidence("vendor source", _TRANSFORMERS, "2026-11-20"),
)


def _claude(max_side: int, budget: int, evidence: Evidence) -> Cells:
    fit = Fit(max_side=max_side, max_pixels=budget * 28 * 28)
    return Cells(
        name=f"claude: 28-pixel cells, at most {budget}",
        side=28,
        budget=budget,
        fits=Fits(low=fit, auto=fit, high=fit),
        evidence=evidence,
    )


# 597x566 was 484 in all, of which 462 are the picture's.
CLAUDE = _claude(
    1568, 1568, Evidence("recorded", "pydantic-ai cassettes; litellm 1.109.1", "2026-11")
)
# The vendor's page has 1,000x1,000 and four more sizes, which are these.
CLAUDE_4_7 = _claude(
    2576, 4784, Evidence("documented", "platform.claude.com, vision; litellm 1.109.1", "2026-11")
)
DEEPSEEK_4 = Steps(
    name="deepseek-4: by longer side",
    steps=((512, 186), (1024, 270)),
    beyond=418,
    evidence=Evidence("recorded", "a measurement of 2026-08-22", "2026-08-22"),
)
DEEPSEEK_4_1 = replace(
    DEEPSEEK_4,
    name="deepseek-4: by longer side, not verified",
    least=186,
    most=16_384,
    evidence=Evidence("assumed", "as DeepSeek V4; no recording of V4.1", "2026-11-20"),
)
# 1,089 for a square, 1,081 for 1024x512, 1,056 for 2048x512, 1,064 for 4:3 and 1,100 for 16:9; the
# documented default is 1,120.
GEMINI_3 = Shaped(
    name="gemini-3: 1120 cells of the picture's shape",
    budget=1120,
    evidence=Evidence("recorded", "Rokabot#121; JOHNISKING/image-token-cost", "2026-08-18"),
)
# Measured with 2.5-pro at three sizes up to 3840x2160; the documented tiles were not seen.
GEMINI_2 = Flat(
    name="gemini-2: flat 258",
    tokens=258,
    evidence=Evidence("recorded", "googleapis/python-genai#1349", "2025"),
)

UNKNOWN = Cells(
    name="unknown: 28-pixel cells",
    side=28,
    least=64,
    most=16_384,
    evidence=Evidence("assumed", "what most open models do", "2026-11-20"),
)


def _family(
    name: str,
    rule: TokenRule,
    *matches: str,
    system_message: bool = True,
    max_images: int | None = None,
) -> ModelProfile:
    return ModelProfile(
        name=name,
        matches=matches,
        tokens=rule,
        max_images=max_images,
        system_message=system_message,
        evidence=rule.evidence,
    )


# claude-opus-4-7, claude-opus-4.8, claude-sonnet-5-5; not claude-3-5-sonnet.
_SINCE_CLAUDE_4_7 = (
    "claude-*-4[-.][7-9]*",
    "claude-4[-.][7-9]*",
    "claude-[5-9]*",
    "claude-haiku-[5-9]*",
    "claude-sonnet-[5-9]*",
    "claude-opus-[5-9]*",
    "claude-fable*",
    "claude-mythos*",
)

FAMILIES: tuple[ModelProfile, ...] = (
    _family("Qwen2-VL", QWEN2_VL, "qwen2*vl*", "qwen-2*vl*"),
    _family("Qwen3-VL", QWEN3_VL, "qwen3*", "qwen-vl*", "qwen-3*"),
    _family("Llama 4", LLAMA_4, "llama-4*", "llama4*"),
    # Its chat template: "Prompting with images is incompatible with system messages"
    # (vllm-project/vllm#8854, BerriAI/litellm#6569 at Groq). And "Mllama only supports one image
    # per sample" (hiyouga/LlamaFactory#6636), "vision model only supports a single image per
    # message" (ollama/ollama#9020).
    _family(
        "Llama 3.2 Vision",
        LLAMA_3_2,
        "llama-3.2*vision*",
        "llama3.2-vision*",
        system_message=False,
        max_images=1,
    ),
    _family("Pixtral 12B", PIXTRAL_12B, "pixtral-12b*"),
    _family("Mistral", MISTRAL, "mistral*", "ministral*", "magistral*", "pixtral*"),
    _family("Gemma 3", GEMMA_3, "gemma-3*", "gemma3*"),
    _family("InternVL", INTERNVL, "internvl*"),
    _family("Claude 4.7", CLAUDE_4_7, *_SINCE_CLAUDE_4_7),
    _family("Claude", CLAUDE, "claude*"),
    _family("DeepSeek 4.1", DEEPSEEK_4_1, "deepseek-v4.*"),
    _family("DeepSeek 4", DEEPSEEK_4, "deepseek-v4", "deepseek-v4[-:]*"),
    _family("Gemini 2", GEMINI_2, "gemini-1*", "gemini-2*"),
    _family("Gemini 3", GEMINI_3, "gemini*"),
)

# Asked last: names of makers with a table of their own that it does not hold.
REMAINING: tuple[ModelProfile, ...] = (
    _family("GPT", LIKE_GPT, "gpt-[4-9]*", "chatgpt*", "o[1-9]", "o[1-9]-*"),
)
