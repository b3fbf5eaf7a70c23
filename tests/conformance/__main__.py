"""The product's own command line, whose server has the suite's fixtures as well."""

from typing import Any

from mcp.types import Completion, PromptReference

from grok_vision import app
from grok_vision.__main__ import main
from grok_vision.vision_server import VisionServer
from tests.conformance.asking import add_asking
from tests.conformance.content import add_content

PREFIX = "test_"


class Everything(VisionServer):
    """Our server with fixtures, of which some tell subscribers of changes."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **{**options, "subscriptions": None})
        add_content(self)
        add_asking(self)

    def completion(self) -> Any:
        """Register what completes arguments; those of fixtures have nothing to complete."""
        register = super().completion()  # type: ignore[no-untyped-call]

        def around(complete: Any) -> Any:
            async def completed(ref: Any, argument: Any, context: Any) -> Completion | None:
                if isinstance(ref, PromptReference) and ref.name.startswith(PREFIX):
                    return Completion(values=[])
                found: Completion | None = await complete(ref, argument, context)
                return found

            return register(completed)

        return around


if __name__ == "__main__":
    # Where the product makes its server.
    app.VisionServer = Everything  # type: ignore[attr-defined]
    main()
