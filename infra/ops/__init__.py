"""Operators' tools: copy a site, render configuration, check connections, keep replicas."""
