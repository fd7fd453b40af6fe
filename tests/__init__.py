"""MiniGram's tests: sentences about what the site does."""
