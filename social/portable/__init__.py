"""Portable data: everything that is somebody's as one archive, and such archives brought along."""
