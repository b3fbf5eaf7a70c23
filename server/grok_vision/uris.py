"""The addresses of resources that results link to."""

DIFF = "vision://diffs/{name}"
"""A picture of what changed, by the name of its file."""

COMPARED = "vision://comparisons/{comparison}/{number}"
"""A picture that was compared, as a page shows it: PNG or JPEG."""


def diff_uri(name: str) -> str:
    """Return the address of a picture of what changed."""
    return DIFF.format(name=name)


def comparison_uri(comparison: str, number: int) -> str:
    """Return the address of picture `number`, from 1, of a comparison that is kept."""
    return COMPARED.format(comparison=comparison, number=number)
