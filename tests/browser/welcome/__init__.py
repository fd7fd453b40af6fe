"""Sign-up and the first steps after it, in Chromium."""
