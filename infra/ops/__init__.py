"""Operators' tools: the command line, copies of a site, checks before a start, the keeper."""
