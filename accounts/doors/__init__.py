"""Doors: who comes in and how, what of the site is open, and which names people have."""
