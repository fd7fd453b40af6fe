"""Uploads in Chromium."""
