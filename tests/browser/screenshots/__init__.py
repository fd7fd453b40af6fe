"""Pictures of every page and state, at four widths, light and dark: ``make screenshots``."""
