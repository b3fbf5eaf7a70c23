"""All jobs, read and checked before the first of them is begun."""

from collections import Counter
from collections.abc import Iterator, Mapping

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from grok_vision.batch.arguments import (
    KINDS,
    AnyArguments,
    ExtractArguments,
    ToolName,
    effective,
)
from grok_vision.batch.job import Job, Key
from grok_vision.batch.lines import Lines
from grok_vision.errors import RequestError, VisionError
from grok_vision.schemas import checked, expectations_of
from grok_vision.texts import counted, shortened

_MOST_TOLD = 10
_MOST_SCHEMAS = 64


class Jobs:
    """All jobs of a batch. Of each only its key is kept; they are read again when they are begun.

    Attributes:
        tool: Which tool they are for.
        name: What messages call where they come from.
        count: How many there are.
    """

    def __init__(self, tool: ToolName, lines: Lines, defaults: Mapping[str, JsonValue]) -> None:
        """Read and check all of them.

        Raises:
            RequestError: `bad_argument`, naming the first ten lines that cannot be used.
        """
        self.tool = tool
        self.name = lines.name
        self._lines = lines
        self._reader = _Reader(tool, defaults)
        keys = [job.key for job in self._checked()]
        self.count = len(keys)
        self._keys = b"".join(keys)
        self._key_bytes = len(keys[0])

    def keys(self) -> Counter[Key]:
        """Return how often there is a job of each key."""
        size = self._key_bytes
        return Counter(self._keys[at : at + size] for at in range(0, len(self._keys), size))

    def read(self, left: Counter[Key]) -> Iterator[Job]:
        """Yield the jobs that are left, in their order; blocks.

        Raises:
            RequestError: `bad_argument` where they are no longer those that were checked.
        """
        at, size = 0, self._key_bytes
        for place, line in self._lines.read():
            job = None if isinstance(line, str) else self._reader.job(place, line)
            if not isinstance(job, Job) or job.key != self._keys[at : at + size]:
                raise self._changed(place)
            at += size
            if left[job.key] > 0:
                left[job.key] -= 1
                yield job
        if at != len(self._keys):
            raise self._changed("its end")

    def close(self) -> None:
        """Close what they are read from."""
        self._lines.close()

    def _changed(self, place: str) -> RequestError:
        return RequestError(
            "bad_argument",
            f"{self.name} was changed while its jobs were done ({place}); what is done is kept, "
            "and the same command goes on with what is there now.",
        )

    def _checked(self) -> Iterator[Job]:
        problems: list[str] = []
        found, seen = 0, _Seen()
        for place, line in self._lines.read():
            job = line if isinstance(line, str) else self._reader.job(place, line)
            problem = job if isinstance(job, str) else seen.problem(job)
            if isinstance(job, Job) and not problem:
                found += 1
                yield job
            elif len(problems) <= _MOST_TOLD:
                problems.append(f"{place}: {problem}")
        if problems:
            raise _unusable(self.name, problems)
        if not found:
            raise RequestError("bad_argument", f"--batch: there is no job in {self.name}.")


class _Seen:
    """The ids that there were."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def problem(self, job: Job) -> str:
        """Return what is wrong with the id of a job, if anything is."""
        if job.id is None:
            return ""
        first = self._places.setdefault(job.id, job.place)
        return "" if first is job.place else f"its id is that of {first} already"


class _Reader:
    """Makes jobs of lines."""

    def __init__(self, tool: ToolName, defaults: Mapping[str, JsonValue]) -> None:
        self._tool = tool
        self._defaults = defaults
        self._schemas: dict[str, str] = {}

    def job(self, place: str, line: Mapping[str, JsonValue]) -> Job | str:
        """Return the job of a line, or what is wrong with it."""
        given = effective(self._tool, line, self._defaults)
        name = given.pop("id", None)
        if name is not None and (not isinstance(name, str) or not name):
            return "id must be a text"
        try:
            arguments = KINDS[self._tool].model_validate(given)
        except ValidationError as error:
            return "; ".join(_told(problem, self._tool) for problem in error.errors()[:3])
        told = arguments.told()
        return self._schema_problem(arguments, told) or Job(place, name, arguments, told)

    def _schema_problem(self, arguments: AnyArguments, told: Mapping[str, JsonValue]) -> str:
        """Return what is wrong with the schema; each is looked at once."""
        if not isinstance(arguments, ExtractArguments):
            return ""
        if arguments.preset and arguments.answer_schema:
            return "give either schema or preset, not both"
        if arguments.preset == "checklist":
            return _problem_of(arguments)
        if not arguments.answer_schema:
            return ""
        digest = str(told["schema"])
        if digest not in self._schemas:
            if len(self._schemas) >= _MOST_SCHEMAS:
                self._schemas.clear()
            self._schemas[digest] = _problem_of(arguments)
        return self._schemas[digest]


def _problem_of(arguments: ExtractArguments) -> str:
    """Return what is wrong with the schema, or with the expectations of a checklist."""
    try:
        if arguments.preset == "checklist":
            expectations_of(arguments.prompt)
        else:
            checked(arguments.answer_schema)
    except VisionError as error:
        return error.message.rstrip(".")
    return ""


def _told(problem: ErrorDetails, tool: ToolName) -> str:
    """Return what is wrong with an argument, without its value: that may be a picture."""
    name = shortened(".".join(map(str, problem["loc"])))
    if problem["type"] == "missing":
        return f"{name} is missing"
    if problem["type"] == "extra_forbidden":
        known = (field.alias or name for name, field in KINDS[tool].model_fields.items())
        return f"{name} is no argument; there are id, {', '.join(known)}"
    if problem["type"] == "string_unicode":
        return f"{name} is no text in UTF-8; rename the file, if it is one"
    return f"{name}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"


def _unusable(name: str, problems: list[str]) -> RequestError:
    more = len(problems) > _MOST_TOLD
    count = f"more than {_MOST_TOLD} lines" if more else counted(len(problems), "line")
    told = "; ".join(f"({problem})" for problem in problems[:_MOST_TOLD])
    return RequestError(
        "bad_argument", f"{name}: {count} cannot be used, so nothing was sent: {told}."
    )
