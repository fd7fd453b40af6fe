"""Management of the social app."""
