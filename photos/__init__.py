"""Photos: their files, likes and comments."""
