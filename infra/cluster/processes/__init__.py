"""Processes of this machine: start, signal and find again; programs that end by themselves."""
