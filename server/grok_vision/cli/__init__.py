"""The command line. Nothing is imported from here but by `__main__`."""
