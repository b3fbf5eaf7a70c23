"""Where what is learnt is kept: a folder of ours in the user's state folder, unless one is set."""

from pathlib import Path


def state_folder(folder: Path | None) -> Path | None:
    """Return `folder`, or where it is None ours; None where the user has no home folder.

    Nothing is created, and neither need be there.
    """
    if folder is not None:
        return folder
    from platformdirs import user_state_path

    try:
        return user_state_path("grok-vision-mcp", appauthor=False)
    except RuntimeError:
        return None
