"""Template filters of the photos app."""
