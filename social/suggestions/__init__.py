"""Suggestions of people to follow: whom those followed follow, then who has published lately."""

from social.suggestions.service import SUGGESTED, Suggestion, suggested

__all__ = ["SUGGESTED", "Suggestion", "suggested"]
