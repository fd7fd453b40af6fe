"""Simulated people: what they do, how their answers are checked, and the process they live in."""
