"""A cluster over time: start, stop, show, and run it for the body of a ``with``."""
