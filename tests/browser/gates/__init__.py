"""Gates that every page has to pass: accessible, no wider than its window, quick."""
