"""The JSON API of the social app."""
