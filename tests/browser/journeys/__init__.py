"""Whole stories in Chromium, from the first press to the last, by several people side by side."""
