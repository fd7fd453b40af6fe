"""Pages in other languages, in Chromium."""
