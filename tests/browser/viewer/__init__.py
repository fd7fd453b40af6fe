"""The photo in the viewer: as a page, and as a dialog over a list."""
