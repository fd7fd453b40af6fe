"""Factors: what somebody proves beside the password, or instead of it, to log in."""
