"""Filters: words that somebody does not want to read, and what of them a text holds."""

from social.filters.service import filtered_words, matcher, set_words

__all__ = ["filtered_words", "matcher", "set_words"]
