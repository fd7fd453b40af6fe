"""Portable data: exports and imports."""
