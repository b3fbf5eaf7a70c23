"""Many calls from a file, their results in another. Others import from here only."""

from grok_vision.batch.arguments import ToolName
from grok_vision.batch.asking import ask
from grok_vision.batch.checking import Jobs
from grok_vision.batch.gate import Gate
from grok_vision.batch.job import Job
from grok_vision.batch.lines import lines_of
from grok_vision.batch.results_file import ResultsFile
from grok_vision.batch.running import Batch
from grok_vision.batch.summary import Stopped, Summary
from grok_vision.batch.tally import Tally

__all__ = [
    "Batch",
    "Gate",
    "Job",
    "Jobs",
    "ResultsFile",
    "Stopped",
    "Summary",
    "Tally",
    "ToolName",
    "ask",
    "lines_of",
]
