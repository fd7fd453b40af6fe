"""Notifications: what people are told of, in groups, how far they have read, and what they want."""
