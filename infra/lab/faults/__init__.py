"""Faults under load: how they are made, and what was declared for each."""
