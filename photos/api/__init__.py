"""The JSON API of the photos app."""
