"""Our server with what the official conformance suite looks for added: its fixtures.

Most scenarios of the suite call tools, prompts and resources of fixed names, which no product has.
Here they stand beside ours, behind the same application, so that its transport and all that is
around it meet those scenarios too. `python -m tests.conformance --port N` serves them;
`scripts/conformance` runs the suite.
"""
