"""Coverage-guided fuzzing, run by hand: `python -m tests.fuzz TARGET [libFuzzer's options]`.

Needs atheris (`pip install atheris`; Linux or macOS), which is in no extra. pytest collects nothing
here. A run of each target as its finds were made:

    python -m tests.fuzz prepare -max_total_time=360 -rss_limit_mb=3000 -timeout=20 corpus/

Targets are the functions of `targets`. Inputs that fail are written to the working directory; each
becomes a row of `tests/test_hostile_pictures.py`. The codecs in C are not instrumented: they are
exercised, and the search is guided by the Python around them.
"""
