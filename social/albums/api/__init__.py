"""The JSON API of collections."""
