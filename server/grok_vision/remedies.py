"""What each code of an error means to a person: the page docs/errors.md is written from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from grok_vision.errors import Code


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a code means, and what to do about it.

    Attributes:
        example: A message as a caller gets it; empty where no call ends so.
        again: Whether the same call may succeed another time, with nothing mended.
        costs: Whether the provider may have charged for the call.
    """

    meaning: str
    remedy: str
    example: str
    again: bool = False
    costs: Literal["no", "perhaps", "yes"] = "no"


REMEDIES: Mapping[Code, Remedy] = {
    # ConfigurationError
    "missing_key": Remedy(
        "The provider that is to answer has no key.",
        "Set the variable that the message names where the server is started, and restart it; "
        "or unset `GROK_VISION_PROVIDER` for the offline engine.",
        "OpenAI needs a key; set OPENAI_API_KEY in this server's environment.",
    ),
    "bad_setting": Remedy(
        "A setting has a value that cannot be, or one that it needs is missing.",
        "Correct the variable that the message names; `grok-vision-mcp doctor` shows what is "
        "in effect.",
        "GROK_VISION_PROVIDER=custom needs GROK_VISION_BASE_URL, such as https://host/v1.",
    ),
    "missing_extra": Remedy(
        "What is needed for this is not installed: the offline engine, the reader of a format, or "
        "the client of Redis.",
        "Run the command in the message, or use another provider or format.",
        "The offline engine is not installed: rapidocr missing. Install it with `pip install "
        '"grok-vision-mcp[local]"`, or set `XAI_API_KEY` to use xAI instead.',
    ),
    # SourceError
    "bad_source": Remedy(
        "What was given is no path, URL or data URI that can be read as one, or the clipboard "
        "cannot be reached.",
        "Write the source as the message says.",
        "image 1 (data URI): the data URI is not base64; write data:image/png;base64,… .",
    ),
    "not_found": Remedy(
        "There is no such file, no picture where `latest` and `clipboard` look, or an upload that "
        "is no longer kept.",
        "Check the path; the message tells names in that folder that are near. Upload the picture "
        "again.",
        "image 1 (dashbord.png): no such file; near names in the same folder: dashboard.png.",
    ),
    "not_allowed": Remedy(
        "The file may not be read: it is outside the allowed folders, hidden, a system file, "
        "or closed by the operating system.",
        "Copy the file into one of the folders that the message lists, or add its folder to "
        "`GROK_VISION_ROOTS`.",
        "image 1 (../secret.png): it is not in a folder that may be read (~/Pictures), or it "
        "is hidden; copy it there, or add its folder to GROK_VISION_ROOTS.",
    ),
    "blocked_address": Remedy(
        "The URL leads to an address that is not public, to another port than 80 or 443, or to"
        " where clouds serve credentials.",
        "For a server of yours, set what the message says in `GROK_VISION_ALLOW_HOSTS`; else "
        "download the picture and pass its path.",
        "image 1 (http://127.0.0.1:3000/shot.png): the port 3000 of 127.0.0.1 is neither 80 "
        "nor 443; set GROK_VISION_ALLOW_HOSTS=127.0.0.1:3000 to allow it.",
    ),
    "fetch_failed": Remedy(
        "The URL's host was asked and gave no picture: no connection, a certificate that is "
        "not accepted, an error of its own, or too slow.",
        "Open the URL in a browser: what needs a login or a page cannot be fetched. Download "
        "the picture and pass its path.",
        "image 1 (http://127.0.0.1:9/shot.png): no connection to the host 127.0.0.1; check "
        "that it is up; behind a proxy, which fetches never use, download the file and pass "
        "its path, or set GROK_VISION_URL_MODE=pass to have the provider fetch it.",
        again=True,
    ),
    "too_large": Remedy(
        "The source has more bytes than may be read, or its picture more than the request has "
        "room for.",
        "Send a smaller picture or a part of it, or raise `GROK_VISION_MAX_IMAGE_BYTES`.",
        "image 1 (shot.png): it has 2,048 bytes, over the limit of 1,024; send a smaller "
        "picture or raise GROK_VISION_MAX_IMAGE_BYTES.",
    ),
    # ImageError
    "not_an_image": Remedy(
        "The content is no picture, whatever the name says: empty, a text, a web page.",
        "Pass the picture itself.",
        "image 1 (shot.png): it is a web page, not a picture; pass the address of the picture "
        "itself.",
    ),
    "unsupported_format": Remedy(
        "It is a picture of a kind that is not read.",
        "Export it as PNG or JPEG.",
        "image 1 (layers.psd): it is a Photoshop document, which is not read; export it as PNG"
        " or JPEG.",
    ),
    "damaged_image": Remedy(
        "The picture is cut off or broken, or its decoder does not come to an end.",
        "Save or download it again.",
        "image 1 (shot.png): it is cut off or damaged, so that its PNG cannot be decoded; save"
        " it again.",
    ),
    "too_small": Remedy(
        "The picture, or the part of it that is named, is smaller than the provider takes.",
        "Enlarge it, or name a larger part.",
        "image 1 (dot.png): it would be sent as 3x2, and xAI takes no picture under 8 pixels a"
        " side and 512 pixels in all; enlarge it, or take a part that is larger or less thin.",
    ),
    "too_many_pixels": Remedy(
        "The picture has more pixels than are decoded, as decompression bombs do.",
        "Scale it down, or raise `GROK_VISION_MAX_PIXELS`.",
        "image 1 (shot.png): it is 64x48, over the limit of 1,000 pixels for PNG; scale it "
        "down or raise GROK_VISION_MAX_PIXELS.",
    ),
    "animated": Remedy(
        "Kept for tools to come: of an animation, the first frame is read, or the one that "
        "`#t=` names.",
        "Nothing: no call ends so.",
        "",
    ),
    "bad_region": Remedy(
        "The fragment selects what is not there, or is not written as one.",
        "Choose a part inside the picture: `#xywh=x,y,width,height`, `#page=2`, `#t=1.5`.",
        "image 1 (shot.png#xywh=500,500,10,10): the region xywh=500,500,10,10 lies outside the"
        " picture, which is 64x48; choose one inside it.",
    ),
    # RequestError
    "too_many_images": Remedy(
        "More pictures than one call, or one request to this model, may have.",
        "Send fewer, or several calls.",
        "at most 10 images are compared in a call, and these are 11; compare them in several "
        "calls.",
    ),
    "request_too_large": Remedy(
        "The request has more bytes, or more tokens for a minute, than the provider takes.",
        "Send fewer or smaller pictures.",
        "xAI (HTTP 413, request req_7f3a) finds it too large; send fewer or smaller pictures.",
    ),
    "bad_schema": Remedy(
        "The schema for `extract_json` is none, or cannot be used.",
        "Correct the schema at the place that the message names.",
        'the schema cannot be used at /type: the value is none of "array", "boolean", '
        '"integer", "null", "number", "object", "string".',
    ),
    "bad_argument": Remedy(
        "An argument is unknown, missing, of the wrong type, or does not go with another.",
        "Correct the argument that the message names.",
        "unknown argument promt (did you mean prompt?); describe_image takes image, prompt, "
        "task, detail, model, max_tokens.",
    ),
    "over_budget": Remedy(
        "The call could pass the limit on spending, so it was not made.",
        "Raise `GROK_VISION_MAX_USD`, count from zero as the message says, or use a cheaper model "
        "or `detail=low`.",
        "the call to grok-4.3 may cost $0.0061, which with $0 spent would pass the limit of "
        "$0.00010, so it was not made: raise GROK_VISION_MAX_USD, restart the server to count "
        "from zero, or use a cheaper model or detail=low.",
    ),
    "context_exceeded": Remedy(
        "Pictures and words together are longer than the model can read.",
        "Send fewer or smaller pictures, or `detail=low`; `estimate_tokens` tells how long "
        "they are.",
        "xAI (HTTP 400, request req_7f3a) finds the request longer than grok-4.3 can read; "
        "send fewer pictures or words, or detail=low.",
    ),
    # ProviderError
    "unauthorized": Remedy(
        "The provider does not accept the key, or refuses it this model or region.",
        "Check the key in the variable that the message names.",
        "xAI (HTTP 401, request req_7f3a) does not accept the key; check XAI_API_KEY.",
    ),
    "out_of_credits": Remedy(
        "The account has no credit left, or reached a limit of its own.",
        "Top it up, or raise its limit, at the provider.",
        "the account at xAI (HTTP 402, request req_7f3a) has no credit left or reached its "
        "spending limit; top it up or raise the limit.",
    ),
    "model_not_found": Remedy(
        "The provider has no such model, or no longer.",
        "Name another one: `grok-vision-mcp models` lists those that are known.",
        "grok-beta no longer answers (docs.x.ai changelog, stopped on 2026-02-28); use "
        "grok-4.3 instead.",
    ),
    "rejected": Remedy(
        "The provider refuses the request for another reason.",
        "Do as the message says; else try another model, and look at the log with "
        "`GROK_VISION_LOG_LEVEL=DEBUG`.",
        "xAI (HTTP 400, request req_7f3a): the request to grok-4.3 was not accepted; check "
        "model and settings.",
    ),
    "rate_limited": Remedy(
        "The account's requests or tokens for this time are used up.",
        "Wait as long as the message says.",
        "xAI (HTTP 429, request req_7f3a) takes no more requests now; try again in 20 s.",
        again=True,
    ),
    "unavailable": Remedy(
        "The provider fails, cannot be reached, does not speak as it should, or too many calls"
        " wait here already; the Redis that holds uploads or the limit on spending cannot be"
        " reached; or the server is ending.",
        "Wait and try again; if it stays so, `grok-vision-mcp doctor` tells what cannot be reached:"
        " check `GROK_VISION_BASE_URL`, `GROK_VISION_REDIS_URL` and the network.",
        "xAI (HTTP 503, request req_7f3a) is failing now; try again later.",
        again=True,
        costs="perhaps",
    ),
    "timeout": Remedy(
        "The call did not end within its time, or the provider did not answer within it.",
        "Try again with fewer or smaller pictures or a faster model, or raise "
        "`GROK_VISION_DEADLINE`.",
        "xAI at api.x.ai did not answer within the time of the call; try fewer or smaller "
        "pictures or a faster model, or raise GROK_VISION_DEADLINE. (it may be billed)",
        again=True,
        costs="perhaps",
    ),
    "refused": Remedy(
        "The provider, or the model, does not answer about this content by its policy.",
        "Ask for something else.",
        "xAI declined to answer about this picture; ask for something else.",
        costs="perhaps",
    ),
    # AnswerError
    "empty_answer": Remedy(
        "The model answered without a word, perhaps because its thoughts took all tokens.",
        "Try once more, raise `max_tokens`, or use another model.",
        "xAI answered without a word; try again or use another model.",
        again=True,
        costs="yes",
    ),
    "blind_answer": Remedy(
        "The model answered without having seen the picture.",
        "Use a model that sees pictures, or check `GROK_VISION_BASE_URL`.",
        "xAI answered without having seen the picture (it counted 0 image tokens); use another"
        " model, or check GROK_VISION_BASE_URL.",
        costs="yes",
    ),
}
