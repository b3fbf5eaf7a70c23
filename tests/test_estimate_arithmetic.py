"""What a call would use, from sizes alone: sums, costs, warnings and what would do with less."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from grok_vision.providers import Choice, Evidence, Flat, considered
from grok_vision.results import Cheaper, Estimate, ImageEstimate
from grok_vision.settings import Settings
from grok_vision.tokens import Correction, estimate, image_tokens, input_words, text_tokens
from grok_vision.vocabulary import Detail

Size = tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """A picture as the image room measures it."""

    width: int
    height: int
    sent: tuple[Size, ...]
    sent_low: tuple[Size, ...]
    source: str = "shot.png"
    format: str = "PNG"
    file_bytes: int | None = 1_000


def picture(*sent: Size, low: Size = (512, 512), **more: Any) -> Picture:
    width, height = max(side for side, _ in sent), sum(side for _, side in sent)
    return Picture(width, height, sent, (low,), **more)


def chosen(model: str, provider: str = "") -> Choice:
    own = "xai" if model.startswith("grok") else "openai"
    return considered(Settings(provider=provider or own), model)


def counting(grade: Any) -> Choice:
    """A model of a flat 100 tokens a picture, known so well."""
    rule = Flat(name="flat", tokens=100, evidence=Evidence(grade, "somewhere", "2026-11"))
    choice = chosen("gpt-4o")
    return replace(choice, profile=replace(choice.profile, tokens=rule))


def estimated(
    choice: Choice,
    *pictures: Picture,
    words: tuple[str, ...] = (),
    detail: Detail = "auto",
    output: int = 0,
    correction: Correction | None = None,
) -> Estimate:
    return estimate(
        choice,
        pictures,
        words=words,
        detail=detail,
        max_output_tokens=output,
        correction=correction,
    )


def test_an_estimate_holds_every_figure_with_its_evidence() -> None:
    choice = chosen("gpt-4o")
    text = text_tokens("What is this?")
    prices = choice.profile.prices
    assert prices is not None
    small = picture((512, 512))
    # 4 for the message and 4 for the answer's beginning.
    tokens = 255 + text.tokens + 8
    most = 255 + text.most + 16
    assert estimated(choice, small, words=("What is this?",), output=100) == Estimate(
        images=[
            ImageEstimate(
                source="shot.png",
                format="PNG",
                width=512,
                height=512,
                bytes=1_000,
                sent_width=512,
                sent_height=512,
                tokens=255,
                tokens_min=255,
                tokens_max=255,
            )
        ],
        image_tokens=255,
        image_tokens_min=255,
        image_tokens_max=255,
        text_tokens=text.tokens + 8,
        text_tokens_min=text.least,
        text_tokens_max=text.most + 16,
        input_tokens=tokens,
        input_tokens_min=255 + text.least,
        input_tokens_max=most,
        output_tokens=100,
        context_window=128_000,
        fits=True,
        cost_usd=prices.cost(tokens, 100),
        cost_usd_max=prices.cost(most, 100),
        model="gpt-4o",
        provider="openai",
        rule=choice.tokens.name,
        evidence="documented",
        source=choice.tokens.evidence.source,
        date=choice.tokens.evidence.date,
        cheaper=Cheaper(
            suggestion="With detail low: the model looks less closely, so fine detail may be "
            "missed.",
            image_tokens=85,
            input_tokens=tokens - 170,
            cost_usd=prices.cost(tokens - 170, 100),
        ),
    )


def test_a_picture_in_parts_is_counted_part_by_part() -> None:
    choice = chosen("grok-4.6")
    (image,) = estimated(choice, picture((800, 1000), (800, 1200), (800, 1000))).images
    counts = [image_tokens(choice.tokens, (800, high), "auto").tokens for high in (1000, 1200)]
    assert image.tokens == 2 * counts[0] + counts[1]
    assert (image.parts, image.sent_width, image.sent_height) == (3, 800, 1200)


def test_pictures_add_up_with_their_ranges() -> None:
    result = estimated(chosen("grok-4.3"), picture((1024, 1024)), picture((512, 512)))
    assert result.image_tokens == 1026 + 258
    assert (result.image_tokens_min, result.image_tokens_max) == (2 * 256, 2 * 2407)
    assert result.image_tokens == sum(image.tokens for image in result.images)


def test_what_the_provider_adds_of_its_own_is_counted_with_a_range() -> None:
    profile = chosen("grok-4.6").profile
    plain = replace(profile, hidden_tokens=0)
    told, none = input_words(profile, ["hi"]), input_words(plain, ["hi"])
    assert told.tokens - none.tokens == 630
    # Recorded: "hi" is 637 tokens; older models added 150 to a system message, which we send.
    assert told.least <= 150 < 637 <= told.most


def test_a_call_that_may_not_fit_the_window_is_told() -> None:
    choice = chosen("gpt-4o")
    assert estimated(choice, picture((512, 512)), output=127_000).fits
    assert estimated(choice, picture((512, 512)), output=128_000).fits is False
    assert estimated(chosen("qwen3-vl", "ollama"), picture((512, 512))).fits is None


def test_a_server_of_ones_own_costs_nothing() -> None:
    result = estimated(chosen("qwen3-vl", "ollama"), picture((512, 512)), output=1_000)
    assert (result.cost_usd, result.cost_usd_max, result.warnings) == (0.0, 0.0, [])


def test_an_unknown_price_is_said_and_not_guessed() -> None:
    choice = chosen("qwen3-vl", "custom")
    result = estimated(choice, picture((4000, 3000), low=(400, 300)))
    assert (result.cost_usd, result.cost_usd_max) == (None, None)
    assert result.warnings == ["No price is known of qwen3-vl at the configured endpoint."]


def test_reasoning_that_nothing_bounds_is_told() -> None:
    (warning,) = estimated(chosen("grok-4.6"), picture((512, 512))).warnings
    assert "reasons before every answer" in warning
    assert estimated(chosen("grok-4.3"), picture((512, 512))).warnings == []


def test_an_answer_longer_than_the_model_writes_is_told() -> None:
    (warning,) = estimated(chosen("gpt-4o"), picture((512, 512)), output=20_000).warnings
    assert "gpt-4o writes 16384 tokens at most" in warning


def test_what_is_known_of_a_retired_model_stands_first() -> None:
    choice = chosen("grok-2-vision-1212")
    result = estimated(choice, picture((512, 512)))
    assert result.warnings[: len(choice.warnings)] == list(choice.warnings)
    assert "no longer answers" in result.warnings[0]


@pytest.mark.parametrize(
    ("grade", "evidence"),
    [
        ("recorded", "recorded"),
        ("vendor source", "documented"),
        ("documented", "documented"),
        ("third party", "assumed"),
        ("assumed", "assumed"),
    ],
)
def test_evidence_is_told_in_three_words(grade: str, evidence: str) -> None:
    result = estimated(counting(grade), picture((512, 512)))
    assert (result.evidence, result.source, result.date) == (evidence, "somewhere", "2026-11")
    assert result.calibrated_from is None


def test_answers_correct_an_assumed_rule_part_by_part() -> None:
    correction = Correction(slope=2.0, intercept=10.0, spread=0.1, answers=4)
    result = estimated(counting("assumed"), picture((512, 512), (512, 512)), correction=correction)
    assert (result.evidence, result.calibrated_from) == ("calibrated", 4)
    assert (result.image_tokens, result.image_tokens_min, result.image_tokens_max) == (
        420,
        378,
        462,
    )
    assert result.cheaper is not None
    assert result.cheaper.image_tokens == 210


def test_a_correction_never_goes_below_zero() -> None:
    correction = Correction(slope=1.0, intercept=-500.0, spread=3.0, answers=1)
    result = estimated(counting("assumed"), picture((512, 512)), correction=correction)
    assert (result.image_tokens, result.image_tokens_min, result.image_tokens_max) == (0, 0, 0)


def _strayed(answers: str, tokens: int) -> str:
    return (
        f"By {answers} of gpt-4o to this server these pictures would be {tokens} tokens; "
        "the rule may no longer hold."
    )


@pytest.mark.parametrize(
    ("slope", "answers", "told"),
    [
        (1.05, 9, []),
        (1.5, 1, [_strayed("one answer", 150)]),
        (0.5, 9, [_strayed("9 answers", 50)]),
    ],
)
def test_answers_that_stray_from_a_known_rule_only_warn(
    slope: float, answers: int, told: list[str]
) -> None:
    correction = Correction(slope=slope, intercept=0.0, spread=0.1, answers=answers)
    result = estimated(counting("recorded"), picture((512, 512)), correction=correction)
    assert (result.image_tokens, result.evidence, result.calibrated_from) == (100, "recorded", None)
    assert result.warnings == told


def test_low_detail_is_offered_with_its_figure_and_its_loss() -> None:
    choice = chosen("grok-4.6")
    full = estimated(choice, picture((1920, 1080), low=(512, 288)))
    assert full.cheaper is not None
    assert full.cheaper.suggestion == (
        "With detail low: it is then seen as 512x288 instead of 1920x1080, so small text and "
        "detail are lost."
    )
    low = estimated(choice, picture((512, 288)), detail="low")
    assert full.cheaper.image_tokens == low.image_tokens == 146
    assert full.cheaper.input_tokens == low.input_tokens
    assert full.cheaper.cost_usd == low.cost_usd


def test_the_image_that_loses_most_is_named_by_its_number() -> None:
    small, large = picture((600, 600), low=(512, 512)), picture((1920, 1080), low=(512, 288))
    cheaper = estimated(chosen("grok-4.6"), small, large, large).cheaper
    assert cheaper is not None
    assert "image 2 is then seen as 512x288" in cheaper.suggestion


def test_low_detail_that_costs_more_is_told_with_what_auto_would_take() -> None:
    # gpt-5.4 looks at up to 6,144 patches at low detail, and at 2,500 else.
    photograph = picture((2048, 1536), low=(2048, 1536))
    choice = chosen("gpt-5.4")
    cheaper = estimated(choice, photograph, detail="low").cheaper
    assert cheaper is not None
    assert cheaper.suggestion == "With detail auto: gpt-5.4 looks closer at low."
    assert cheaper.image_tokens == estimated(choice, photograph).image_tokens


def test_strips_may_become_smaller_by_what_they_share() -> None:
    (image,) = estimated(chosen("grok-4.6"), picture((800, 1040), (800, 1040))).images
    # 25 x 33 cells, and 25 x 31 once 50 rows are gone.
    assert (image.tokens, image.tokens_min, image.tokens_max) == (1654, 1554, 1654)


def test_a_correction_stays_within_what_the_rule_allows() -> None:
    choice = chosen("grok-4.3")
    found = estimated(choice, picture((1792, 1344)), correction=Correction(1.0, 0.0, 0.5, 1))
    assert (found.image_tokens, found.image_tokens_min) == (2354, 1177)
    assert found.image_tokens_max == 2407


def test_low_detail_of_a_long_page_says_that_its_parts_become_one() -> None:
    page = picture((1000, 1500), (1000, 1500), low=(170, 512))
    cheaper = estimated(chosen("grok-4.6"), page).cheaper
    assert cheaper is not None
    assert "170x512 in one part instead of 2 of up to 1000x1500" in cheaper.suggestion


def test_a_crop_is_offered_where_low_detail_saves_nothing() -> None:
    # gpt-5.4 takes more patches at low detail than at high.
    whole = Picture(4000, 3000, ((1846, 1385),), ((2048, 1536),))
    choice = chosen("gpt-5.4")
    cheaper = estimated(choice, whole).cheaper
    assert cheaper is None
    crop_of_screen = Picture(1920, 1080, ((1920, 1080),), ((1920, 1080),))
    cheaper = estimated(choice, crop_of_screen).cheaper
    assert cheaper is not None
    assert "a quarter of it, by a fragment such as #xywh=percent:25,25,50" in cheaper.suggestion
    # 960 x 540 is 30 x 17 patches.
    assert cheaper.image_tokens == 612


def test_a_crop_of_several_pictures_names_how_many() -> None:
    screen = Picture(1920, 1080, ((1920, 1080),), ((1920, 1080),))
    icon = Picture(64, 64, ((64, 64),), ((64, 64),), source="icon.png")
    cheaper = estimated(chosen("gpt-5.4"), screen, icon, screen).cheaper
    assert cheaper is not None
    assert "a quarter of each of the 2 large images" in cheaper.suggestion
    # 2 x 2 patches of the icon are seen as before.
    assert cheaper.image_tokens == 612 + 5 + 612


@pytest.mark.parametrize(
    "other",
    [
        {"source": "data:image/png"},
        {"source": "shot.png#xywh=0,0,1920,1080"},
        {"source": "page.pdf", "format": "PDF"},
        {"width": 960, "height": 1040, "sent": ((960, 1040),), "sent_low": ((960, 1040),)},
        {"sent": ((1920, 600), (1920, 600)), "sent_low": ((1920, 600), (1920, 600))},
    ],
    ids=["data URI", "a part already", "drawn anew", "small", "in parts"],
)
def test_a_crop_is_offered_only_where_it_would_be_true(other: dict[str, Any]) -> None:
    screen = Picture(1920, 1080, ((1920, 1080),), ((1920, 1080),))
    assert estimated(chosen("gpt-5.4"), replace(screen, **other)).cheaper is None


@pytest.mark.parametrize(
    ("model", "provider"), [("grok-4-fast", "xai"), ("local/ocr", "local")], ids=["flat", "none"]
)
def test_nothing_is_offered_where_every_picture_costs_the_same(model: str, provider: str) -> None:
    result = estimated(chosen(model, provider), picture((1920, 1080), low=(512, 288)))
    assert result.cheaper is None


def test_low_detail_is_not_offered_to_who_has_it() -> None:
    assert estimated(chosen("grok-4.6"), picture((512, 288)), detail="low").cheaper is None


def test_nothing_to_send_is_nothing_to_count() -> None:
    result = estimated(chosen("grok-4.3"))
    assert (result.images, result.image_tokens_max, result.cheaper) == ([], 0, None)


def test_a_crop_is_counted_as_it_would_be_sent_within_the_providers_largest_side() -> None:
    choice = chosen("llava", "custom")
    huge = Picture(12_000, 9_000, ((4096, 3072),), ((4096, 3072),))
    # A crop of 6000 x 4500 is sent as large as the whole picture, so that nothing is saved.
    assert estimated(choice, huge).cheaper is None


def test_a_strip_that_becomes_smaller_may_become_more_tokens() -> None:
    """OpenAI shrinks to whole patches: the range holds every size that a strip may end up with."""
    page = picture(*[(853, 1023)] * 9)
    (image,) = estimated(chosen("gpt-5-nano"), page).images
    sizes = [(853, 1023 - rows) for rows in range(54)]
    rule = chosen("gpt-5-nano").tokens
    each = [image_tokens(rule, size, "auto").tokens for size in sizes]
    assert image.tokens_min <= 9 * min(each)
    assert image.tokens_max >= 9 * max(each)


def test_sizes_that_no_answer_showed_keep_the_range_of_the_rule() -> None:
    choice = chosen("grok-4.3")
    seen = Correction(0.25, 0.0, 0.25, 5, smallest=1000, largest=1100)
    near = estimated(choice, picture((1024, 1024)), correction=seen)
    small = estimated(choice, picture((100, 60)), correction=seen)
    assert (near.image_tokens, near.image_tokens_max) == (256, 321)
    assert small.image_tokens_max >= 256
    assert small.evidence == "calibrated"


def test_whole_pictures_need_no_words_about_parts() -> None:
    choice = chosen("grok-4.6")
    page = picture((1000, 1500), (1000, 1500), low=(170, 512))
    result = estimate(
        choice,
        [page],
        words=["What is this?"],
        labels=["[Part 1 of 2 …]", "[Part 2 of 2 …]"],
        detail="auto",
        max_output_tokens=0,
    )
    whole = input_words(choice.profile, ["What is this?"]).tokens
    assert result.cheaper is not None
    assert result.cheaper.input_tokens == result.cheaper.image_tokens + whole
    assert result.text_tokens > whole
