"""The words that callers choose from. Nothing else is here: a server that starts needs them."""

from typing import Literal, get_args

Detail = Literal["auto", "low", "high"]
"""How closely a picture is looked at."""

Task = Literal["describe", "ui_critique", "read_text", "read_chart", "alt_text", "moderate"]
"""The instruction that goes with a picture."""

TASKS: tuple[Task, ...] = get_args(Task)
