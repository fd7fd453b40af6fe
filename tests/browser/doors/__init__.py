"""Doors in a real browser: sign-up, log-in, log-out and what a session that ends does to a page."""
