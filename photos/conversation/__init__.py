"""Conversation: comments with replies and likes, and what captions and comments name."""
