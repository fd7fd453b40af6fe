"""Archives that are brought along, in a real browser."""
