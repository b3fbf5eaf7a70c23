"""Clients of others that meet our server, for scripts/conformance, inspect and clients.

None of it runs with the tests: each client is installed, at a fixed version, into an environment of
its own outside of the repository.
"""
